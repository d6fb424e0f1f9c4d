"""Change a saved model at random, as a disk or a person might, and let it be loaded and score; a process of its own.

Run as `python -m tests.ml.classifier.mutations FOLDER FIRST COUNT`: the folder holds `full.skops`, its manifest and
`videos.parquet`. Prints what became of the mutations; a crash of the interpreter is seen by who has started it.
"""

import io
import json
import random
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from ml import predict
from ml.classifier import archive, registry
from warehouse.errors import DataError

EXTREMES = (-(2**62), -2, -1, 0, 1, 7, 2**31, 2**62)


def of_bytes(data: bytes, chance: random.Random) -> bytes:
    """Anywhere in the file."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def of_a_number(data: bytes, chance: random.Random) -> bytes:
    """A number in the description of the objects."""

    def change(members: dict[str, bytes]) -> None:
        schema = members[archive.SCHEMA].decode()
        place = chance.choice(list(re.finditer(r'(?<=content": ")-?\d+(?=")|(?<=__id__": )\d+', schema)))
        value = str(chance.choice([*EXTREMES, chance.randrange(3000)]))
        members[archive.SCHEMA] = (schema[: place.start()] + value + schema[place.end() :]).encode()

    return _rewritten(data, change)


def of_a_name(data: bytes, chance: random.Random) -> bytes:
    """A file of the description: another array than before."""

    def change(members: dict[str, bytes]) -> None:
        schema = members[archive.SCHEMA].decode()
        places = list(re.finditer(r'(?<="file": ")[^"]+', schema))
        place, other = chance.choice(places), chance.choice(places)[0]
        members[archive.SCHEMA] = (schema[: place.start()] + other + schema[place.end() :]).encode()

    return _rewritten(data, change)


def of_an_array(data: bytes, chance: random.Random) -> bytes:
    """Bytes of an array, its header too."""

    def change(members: dict[str, bytes]) -> None:
        name = chance.choice(sorted(set(members) - {archive.SCHEMA}))
        members[name] = of_bytes(members[name], chance)

    return _rewritten(data, change)


def of_a_node(data: bytes, chance: random.Random) -> bytes:
    """One field of one node of a tree."""

    def change(members: dict[str, bytes]) -> None:
        names = [name for name, content in members.items() if b"left_child" in content[:200]]
        name = chance.choice(sorted(names))
        nodes = np.load(io.BytesIO(members[name]))
        field = chance.choice(["left_child", "right_child", "feature", "threshold"])
        values = [*EXTREMES, chance.randrange(len(nodes))]
        nodes[field][chance.randrange(len(nodes))] = chance.choice(values)
        stream = io.BytesIO()
        np.save(stream, nodes)
        members[name] = stream.getvalue()

    return _rewritten(data, change)


MUTATIONS = (of_bytes, of_a_number, of_a_name, of_an_array, of_a_node)


def _rewritten(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        members = {name: found.read(name) for name in found.namelist()}
    change(members)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as written:
        for name, content in members.items():
            written.writestr(name, content)
    return stream.getvalue()


def main(folder: Path, first: int, count: int) -> None:
    model, manifest = folder / "full.skops", folder / "full.json"
    original, said = model.read_bytes(), json.loads(manifest.read_text())
    videos = pd.read_parquet(folder / "videos.parquet")
    (batch,) = pa.Table.from_pandas(videos, preserve_index=False).to_batches()
    found: Counter[str] = Counter()
    for number in range(first, first + count):
        chance = random.Random(number)
        data = chance.choice(MUTATIONS)(original, chance)
        model.write_bytes(data)
        # Its hash is changed too: the next lines of defence are meant.
        manifest.write_text(json.dumps({**said, "model_sha256": registry._sha256(data)}))
        try:
            loaded = registry.load(folder, "full")
            registry.require_repeated(loaded, videos)
            predict.score_batch([loaded], {}, batch)
        except DataError as error:
            found["refused" if "\n" not in str(error).strip() else "refused in many words"] += 1
        else:
            found["predicts"] += 1
    print(json.dumps(found))  # noqa: T201 - the answer


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
