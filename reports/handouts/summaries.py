"""The executive summaries of one page: tagged PDF (PDF/UA-1) and Markdown from the same words."""

import json
from datetime import UTC, datetime
from pathlib import Path

import typst

from reports.content import Stamp
from wording.executive_summaries import Summary

TEMPLATE = Path(__file__).with_name("summary.typ")


def write_summaries(summaries: dict[str, Summary], stamp: Stamp | None, folder: Path) -> list[Path]:
    """Write each summary as PDF and as Markdown.

    Args:
        summaries: File name without ending to what it says.
        stamp: The release, named in the footer; its time is the PDF's.
        folder: Where they go.

    Returns:
        The files written.
    """
    footer = f"Release {stamp.release_id}, staged {stamp.moment}" if stamp else "Not from a release"
    moment = stamp.staged_at if stamp else datetime.fromtimestamp(0, UTC)
    written = []
    for name, summary in summaries.items():
        parts = [{"heading": heading, "sentences": sentences} for heading, sentences in summary.parts() if sentences]
        content = {**summary._asdict(), "parts": parts, "footer": footer}
        pdf, markdown = folder / f"{name}.pdf", folder / f"{name}.md"
        typst.compile(
            TEMPLATE,
            output=pdf,
            sys_inputs={"summary": json.dumps(content)},
            pdf_standards=["ua-1"],
            timestamp=moment,
            ignore_system_fonts=True,
        )
        lines = [f"# {summary.title}", f"*{summary.question}*", f"**Answer.** {summary.answer}"]
        for part in parts:
            lines += [f"## {part['heading']}", "\n".join(f"- {sentence}" for sentence in part["sentences"])]
        markdown.write_text("\n\n".join([*lines, f"{footer}."]) + "\n", encoding="utf-8")
        written += [pdf, markdown]
    return written
