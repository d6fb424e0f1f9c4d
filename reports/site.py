"""`claims report`: renders the pages of a release from its tables."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from warehouse import contract
from warehouse.engine import Engine

TEMPLATES = Path(__file__).parent / "templates"


def build_site(engine: Engine, folder: Path) -> list[Path]:
    """Render every page into a folder.

    Args:
        engine: A release.
        folder: Made when absent.

    Returns:
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    rows = {
        "reconciliation": "select * from {} order by delivery_number",
        "statistical_results": "select * from {} order by result_number",
        "model_metrics": (
            "select * from {} where metric = 'accuracy' and evaluation = 'test' and slice = 'all' "
            "order by stage, model_name"
        ),
        "agg_videos_by_claim_status": "select * from {} order by claim_status",
    }
    tables = {name: engine.query(sql.format(contract.relation(name))).to_pylist() for name, sql in rows.items()}
    page = folder / "index.html"
    page.write_text(environment.get_template("index.html").render(**tables), encoding="utf-8")
    return [page]
