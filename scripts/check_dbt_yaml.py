"""Validate the YAML of the dbt project against the JSON schemas in dbt's own wheel.

dbt runs this check for a few hosted adapters only; on DuckDB an unknown or misplaced key passes in silence (dbt 1.11).
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from dbt.jsonschemas import JSONSCHEMAS_PATH
from jsonschema import Draft7Validator, ValidationError
from jsonschema.exceptions import best_match

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
# Keys of a versioned model that dbt 1.11 reads and its schema does not list (2026-11).
VERSION_KEYS_MISSING_IN_SCHEMA = ("columns", "defined_in")


def load_schema(kind: str, version: str) -> Draft7Validator:
    """Return the validator for `project` or `resources` files."""
    schema = json.loads((Path(JSONSCHEMAS_PATH) / kind / f"{version}.json").read_text(encoding="utf-8"))
    # The schema knows "Error" and "Warn" only; dbt 1.11 reads any case and documents lower (2026-11).
    schema["definitions"]["Severity"]["enum"] += ["error", "warn"]
    return Draft7Validator(schema)


def without_known_gaps(resources: dict[str, Any]) -> dict[str, Any]:
    """Drop what dbt accepts although its schema does not."""
    for model in resources.get("models") or []:
        for version in model.get("versions") or []:
            for key in VERSION_KEYS_MISSING_IN_SCHEMA:
                version.pop(key, None)
    return resources


def problems(path: Path, validator: Draft7Validator) -> Iterator[str]:
    """Yield one line for each place where the file breaks the schema."""
    shown = path.relative_to(PROJECT.parent)
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        yield f"{shown}: not valid YAML: {' '.join(str(error).split())}"
        return
    if not isinstance(document, dict):
        yield f"{shown}: a mapping is expected, found {type(document).__name__}"
        return
    if path.name != "dbt_project.yml":
        document = without_known_gaps(document)
    for violation in validator.iter_errors(document):
        cause: ValidationError = best_match([violation])
        if isinstance(cause.instance, str) and cause.instance.startswith("{{"):
            continue  # What dbt renders first; then dbt itself checks it.
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in cause.absolute_path)
        yield f"{shown}: {place.lstrip('.') or 'top level'}: {cause.message[:200]}"


def own_files() -> list[Path]:
    """The YAML files of the project that git tracks or would: what dbt leaves in `target/` is none."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.yml", "*.yaml"],  # noqa: S607 - as make finds it
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    found = {PROJECT / name for name in listed.stdout.split("\0") if name}
    return sorted(path for path in found if path.is_file())


def main() -> int:
    """Check every YAML file of the project.

    Returns:
        0 when all are valid, 1 when one is not or none was found.
    """
    resources = load_schema("resources", "latest")
    files = [path for path in own_files() if path.name != "dbt_project.yml"]
    found = [line for path in files for line in problems(path, resources)]
    found += problems(PROJECT / "dbt_project.yml", load_schema("project", "0.0.110"))
    if not files:
        found.append(f"{PROJECT}: no YAML file found")
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
