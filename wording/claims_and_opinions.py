"""What the counts of claims and opinions say."""

import re

from warehouse import contract
from wording import numbers
from wording.names import column, noun
from wording.rows import Row

MOST = 0.95
EVEN = 0.025
# Two typical values are called alike below this ratio, and far apart above the other.
ALIKE_RATIO = 1.1


def title(finding: str) -> str:
    """A finding as the title of a chart: without the numbers that the chart and the summary of its page show."""
    return re.sub(r" \([^)]*\)", "", finding).partition(":")[0].removesuffix(".")


def by_key(rows: list[Row], key: str) -> dict[str, Row]:
    """Rows by the value of a column, the key."""
    return {row[key]: row for row in rows}


def status_counts(statuses: list[Row]) -> str:
    """How many videos there are of each kind."""
    if not statuses:
        return "The warehouse holds no videos."
    total = sum(row["video_count"] for row in statuses)
    found = by_key(statuses, "claim_status")
    parts = [
        f"{numbers.count(found[name]['video_count'])} {words}"
        for name, words in (
            ("claim", "make a claim"),
            ("opinion", "state an opinion"),
            ("unlabelled", "have no label yet"),
        )
        if name in found
    ]
    return f"There are {numbers.count(total)} videos: {numbers.listing(parts)}."


def balance(statuses: list[Row]) -> str:
    """Whether claims or opinions are the larger group."""
    found = by_key(statuses, "claim_status")
    claims, opinions = (found.get(name, {}).get("video_count", 0) for name in ("claim", "opinion"))
    if claims + opinions == 0:
        return "No video is labelled as a claim or an opinion"
    part = claims / (claims + opinions)
    if abs(part - 0.5) < EVEN:
        return f"Claims and opinions are about equally common: {numbers.share(part)} of labelled videos are claims"
    larger = "Claims" if part > 0.5 else "Opinions"
    return f"{larger} are more common: {numbers.share(part)} of labelled videos are claims"


def view_share(statuses: list[Row]) -> str:
    """Which part of the views of labelled videos the claims hold."""
    views = {row["claim_status"]: row["total_views"] or 0 for row in statuses}
    claims, opinions = views.get("claim", 0), views.get("opinion", 0)
    total = claims + opinions
    if total == 0:
        return "No views of labelled videos have been counted."
    if claims / total >= MOST or opinions / total >= MOST:
        word = "almost all"
    else:
        word = "most" if abs(claims / total - 0.5) > EVEN else "about half"
    larger, smaller = ("Claims", "opinions") if claims >= opinions else ("Opinions", "claims")
    high, low = (numbers.share(views / total) for views in sorted((claims, opinions), reverse=True))
    return f"{larger} draw {word} of the {numbers.about(total)} views of labelled videos: {high}, and {smaller} {low}."


def typical(metric: str, quantiles: list[Row]) -> str:
    """Compare the typical (median) claim and opinion on one metric."""
    middle = {row["claim_status"]: row["median"] for row in quantiles if row["metric"] == metric}
    words = noun(metric)
    if "claim" not in middle or "opinion" not in middle:
        return f"Claims and opinions cannot be compared on {words}: one of them has no videos"
    claim, opinion = middle["claim"], middle["opinion"]
    pair = f"{numbers.quantity(claim)} against {numbers.quantity(opinion)}"
    low, high = sorted((claim, opinion))
    if metric == "duration":
        alike = high <= low * ALIKE_RATIO
        longer = "about as long as" if alike else "longer than" if claim > opinion else "shorter than"
        return f"A typical claim is {longer} a typical opinion: {pair} {words}"
    if high <= low * ALIKE_RATIO:
        return f"Claims and opinions have about the same {words}: {pair}"
    more = "more" if claim > opinion else "fewer"
    ratio = f", {numbers.times(high / low)} the number" if low > 0 and claim > opinion else ""
    return f"A typical claim has {more} {words} than a typical opinion: {pair}{ratio}"


def advice(quantiles: list[Row]) -> str:
    """To look at the classes apart, with the counts in which a typical claim and a typical opinion differ."""
    lead = "Split every average by claim status before comparing groups"
    differing = []
    for metric in contract.counts():
        middle = {row["claim_status"]: row["median"] for row in quantiles if row["metric"] == metric}
        low, high = (
            sorted(middle[name] for name in ("claim", "opinion")) if {"claim", "opinion"} <= set(middle) else (0, 0)
        )
        if high > low * ALIKE_RATIO:
            differing.append(noun(metric))
    if not differing:
        return f"{lead}; here a typical claim and a typical opinion are about alike in every count."
    return f"{lead}: a typical claim and a typical opinion differ in {numbers.listing(differing)}."


def overlap_finding(metric: str, histogram: list[Row]) -> str:
    """How far the spread of claims and that of opinions cover each other (overlap of the two histograms)."""
    counts = {
        name: {
            row["bin_number"]: row["video_count"]
            for row in histogram
            if row["metric"] == metric and row["claim_status"] == name
        }
        for name in ("claim", "opinion")
    }
    words = column(metric)
    if not all(counts.values()):
        return f"Only one class has videos to compare on {words}"
    totals = {name: sum(found.values()) for name, found in counts.items()}
    common = sum(
        min(counts["claim"].get(number, 0) / totals["claim"], videos / totals["opinion"])
        for number, videos in counts["opinion"].items()
    )
    how = "hardly overlap" if common < 0.1 else "overlap in part" if common < 0.8 else "are spread alike"
    return f"Claims and opinions {how} in {words}: the two shapes share {numbers.share(common)} of their area"


def bin_finding(metric: str, bins: list[Row]) -> str:
    """Where claims take over from opinions among the bins of one metric."""
    totals: dict[int, dict[str, int]] = {}
    labels: dict[int, str] = {}
    for row in bins:
        if row["metric"] == metric:
            labels[row["bin_number"]] = row["bin_label"]
            counts = totals.setdefault(row["bin_number"], {})
            counts[row["claim_status"]] = counts.get(row["claim_status"], 0) + row["video_count"]
    if not totals:
        return f"No {metric} have been counted"
    ordered = sorted(totals)
    claims_only = [number for number in ordered if totals[number].get("claim") and not totals[number].get("opinion")]
    highest = []
    for number in reversed(ordered):
        if number not in claims_only:
            break
        highest.append(number)
    if highest:
        lowest = labels[highest[-1]].split(" ")[0]
        held = sum(totals[number]["claim"] for number in highest)
        part = held / sum(sum(counts.values()) for counts in totals.values())
        return f"Every video with {lowest} {metric} or more is a claim: {numbers.share(part)} of all videos counted"
    return f"Claims and opinions share every range of {metric}, the highest too"


def author_finding(statuses: list[Row]) -> str:
    """Which author status has the largest share of claims."""
    known = [row for row in statuses if row["claim_share"] is not None]
    if not known:
        return "No author status has labelled videos"
    if len(known) == 1:
        only = known[0]
        return f"All labelled videos come from authors who are {only['author_ban_status']}"
    ordered = sorted(known, key=lambda row: (-row["claim_share"], row["author_ban_status"]))
    first, last = ordered[0], ordered[-1]
    return (
        f"Claims are most common among authors who are {first['author_ban_status']}"
        f" ({numbers.share(first['claim_share'])}) and least among those who are {last['author_ban_status']}"
        f" ({numbers.share(last['claim_share'])})"
    )


def author_views_finding(statuses: list[Row]) -> str:
    """Which author status has the highest median views."""
    known = [row for row in statuses if row["median_views"] is not None]
    if not known:
        return "No views have been counted for any author status"
    ordered = sorted(known, key=lambda row: (-row["median_views"], row["author_ban_status"]))
    first, last = ordered[0], ordered[-1]
    if first is last:
        return (
            f"A typical video of authors who are {first['author_ban_status']} has"
            f" {numbers.quantity(first['median_views'])} views"
        )
    return (
        f"A typical video has {numbers.quantity(first['median_views'])} views where the author is"
        f" {first['author_ban_status']}, and {numbers.quantity(last['median_views'])} where the author is"
        f" {last['author_ban_status']}"
    )


def verified_finding(statuses: list[Row]) -> str:
    """How the share of claims differs by verified status."""
    share = {row["verified_status"]: row["claim_share"] for row in statuses if row["claim_share"] is not None}
    if len(share) < 2:
        return "Only one of the two verified statuses has labelled videos, so they cannot be compared"
    fewer = (
        "smaller"
        if share["verified"] < share["not verified"]
        else "larger"
        if share["verified"] > share["not verified"]
        else "equal"
    )
    return (
        f"Claims are a {fewer} part of the videos of verified accounts ({numbers.share(share['verified'])}) than of "
        f"accounts that are not verified ({numbers.share(share['not verified'])})"
        if fewer != "equal"
        else f"Claims are the same part of videos for both kinds of account ({numbers.share(share['verified'])})"
    )


def correlation_finding(scope: str, correlations: list[Row]) -> str:
    """The strongest pair of different metrics within a scope."""
    pairs = [
        row
        for row in correlations
        if row["claim_scope"] == scope and row["first_metric"] < row["second_metric"] and row["coefficient"] is not None
    ]
    name = {"all": "all labelled videos", "claim": "claims", "opinion": "opinions"}[scope]
    if not pairs:
        return f"No two metrics can be compared among {name}"
    best = max(pairs, key=lambda row: (abs(row["coefficient"]), row["first_metric"], row["second_metric"]))
    return (
        f"Among {name}, {best['first_metric']} and {best['second_metric']} go together most: "
        f"{numbers.decimal(best['coefficient'])}"
    )


def mixing_note(correlations: list[Row]) -> str:
    """Whether mixing the classes makes views and likes look more alike than they are within each."""
    found = {
        row["claim_scope"]: row["coefficient"]
        for row in correlations
        if (row["first_metric"], row["second_metric"]) == ("views", "likes")
    }
    if any(found.get(scope) is None for scope in ("all", "claim", "opinion")):
        return "Views and likes cannot be compared in every class."
    pair = (
        f"{numbers.decimal(found['all'])} over all labelled videos, {numbers.decimal(found['claim'])} among claims and "
        f"{numbers.decimal(found['opinion'])} among opinions"
    )
    if found["all"] > max(found["claim"], found["opinion"]) + 0.02:
        return f"Views and likes go together by {pair}. The larger overall number comes in part from mixing two groups."
    return f"Views and likes go together by {pair}."


def summary(statuses: list[Row], quantiles: list[Row], authors: list[Row], verified: list[Row]) -> list[str]:
    """The executive summary of the dashboard."""
    return [
        status_counts(statuses),
        f"{balance(statuses)}.",
        view_share(statuses),
        f"{typical('views', quantiles)}.",
        f"{author_finding(authors)}.",
        f"{verified_finding(verified)}.",
        "These are counts. They show what goes together, not what causes what.",
    ]
