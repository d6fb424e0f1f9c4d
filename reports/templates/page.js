"use strict";
// Everything is readable without this script; it only adds the choices.
for (const element of document.querySelectorAll(".needs-script")) {
  element.hidden = false;
}

const verified = document.getElementById("filter-verified");
const author = document.getElementById("filter-author");
const bar = document.getElementById("filter-bar");

function matches(element) {
  const isChosen = (value, choice) => choice === "all" || value === choice;
  const isOfBar = bar.value === "all" || (element.dataset.bars ?? bar.value).split(" ").includes(bar.value);
  return isOfBar && isChosen(element.dataset.verified, verified.value) && isChosen(element.dataset.author, author.value);
}

function applyFilters() {
  for (const variant of document.querySelectorAll(".variant")) {
    variant.hidden = variant.dataset.verified !== verified.value || variant.dataset.author !== author.value;
    if (!variant.hidden) {
      document.getElementById("filter-status").textContent = "Showing: " + variant.dataset.label;
    }
  }
  for (const row of document.querySelectorAll("tr[data-verified]")) {
    row.hidden = !matches(row);
  }
  const shown = document.querySelectorAll("tr[data-bars]:not([hidden])").length;
  document.getElementById("examples-status").textContent = shown + " videos shown as examples: " + bar.selectedOptions[0].text;
}

// The choice stands in the address, so that a link shows what its sender saw.
function keepInAddress() {
  const choice = new URLSearchParams({ verified: verified.value, author: author.value, bar: bar.value });
  history.replaceState(null, "", "#" + choice);
  applyFilters();
}

function takeFromAddress() {
  const choice = new URLSearchParams(location.hash.slice(1));
  for (const select of [verified, author, bar]) {
    const wanted = choice.get(select.id.replace("filter-", ""));
    if ([...select.options].some((option) => option.value === wanted)) {
      select.value = wanted;
    }
  }
  applyFilters();
}

// From a bar to its videos.
function showVideos(event) {
  const mark = event.target.closest("[data-bar]");
  if (mark) {
    bar.value = mark.dataset.bar;
    keepInAddress();
    const examples = document.getElementById("examples");
    examples.open = true;
    examples.scrollIntoView();
    examples.querySelector(".scroll").focus({ preventScroll: true });
  }
}

if (verified && author && bar) {
  for (const select of [verified, author, bar]) {
    select.addEventListener("change", keepInAddress);
  }
  document.addEventListener("click", showVideos);
  window.addEventListener("hashchange", takeFromAddress);
  takeFromAddress();
}

const capacity = document.getElementById("capacity");
const minutes = document.getElementById("minutes");

function showHours() {
  const chosen = capacity.selectedOptions[0].dataset;
  const perReview = Number(minutes.value);
  let text = chosen.sentence;
  if (perReview > 0) {
    const hours = (videos) => Math.round((videos * perReview) / 60).toLocaleString("en");
    const saved = Number(chosen.firstCome) - Number(chosen.videos);
    text += " That is " + hours(Number(chosen.videos)) + " hours of review";
    text += saved > 0 ? ", " + hours(saved) + " hours less than in order of arrival for the same views of claims." : ".";
  }
  document.getElementById("capacity-result").textContent = text;
}

if (capacity && minutes) {
  capacity.addEventListener("change", showHours);
  minutes.addEventListener("input", showHours);
  showHours();
}
