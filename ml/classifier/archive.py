"""The bytes of a saved model: written alike for equal models, and checked before any object is made of them.

scikit-learn follows the node arrays of a tree without looking at their bounds, and skops checks types, not contents
(scikit-learn#34558, skops#535): a file whose nodes point outside would end the process.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import skops.io

from warehouse.errors import DataError

SCHEMA = "schema.json"
_LEAF = -1
# Any moment will do, as long as it is always the same.
_WRITTEN_AT = (1980, 1, 1, 0, 0, 0)


def dump(content: Any) -> bytes:
    """Save an object with skops, the memory addresses in its file replaced by what does not change.

    Args:
        content: What skops can save.

    Returns:
        The archive; equal objects give equal bytes.
    """
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(content))) as found:
        schema = json.loads(found.read(SCHEMA))
        arrays = {name: _without_padding(found.read(name)) for name in found.namelist() if name != SCHEMA}
    renamed = {name: hashlib.sha256(data).hexdigest() + Path(name).suffix for name, data in arrays.items()}
    for number, node in enumerate(_nodes(schema), start=1):
        if "__id__" in node:
            node["__id__"] = number
        if "file" in node:
            node["file"] = renamed[node["file"]]
    members = {renamed[name]: data for name, data in arrays.items()} | {SCHEMA: json.dumps(schema).encode()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in sorted(members.items()):
            archive.writestr(zipfile.ZipInfo(name, _WRITTEN_AT), data, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _without_padding(data: bytes) -> bytes:
    """The nodes of a tree lie in memory with gaps, which hold whatever was there before."""
    array = np.load(io.BytesIO(data), allow_pickle=False)
    if array.dtype.fields is None:
        return data
    clean = np.zeros(array.shape, array.dtype)
    for name in array.dtype.fields:
        clean[name] = array[name]
    written = io.BytesIO()
    np.save(written, clean, allow_pickle=False)
    return written.getvalue()


def check(data: bytes) -> None:
    """Refuse an archive that holds a tree which would lead outside its arrays.

    Args:
        data: An archive of skops.

    Raises:
        DataError: A tree is none, or what is checked here may be something else when it is loaded.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        numbers = set()
        for node in _nodes(json.loads(archive.read(SCHEMA))):
            # skops makes one object of all nodes with one number: what is checked here would not be what is loaded.
            if node.get("__id__") in numbers:
                raise DataError("two of its objects have one number")
            numbers |= {node["__id__"]} if "__id__" in node else set()
            if "Tree" in {node.get("__class__"), str(node.get("__loader__")).removesuffix("Node")}:
                _check_tree(archive, node)


def check_fitted(content: Any) -> None:
    """Refuse loaded objects that would read outside their arrays when they score.

    Args:
        content: What skops has made.

    Raises:
        DataError: A forest's trees take other columns than it does, or a vocabulary does not count its words.
    """
    for found in _objects(content):
        columns = getattr(found, "n_features_in_", None)
        trees = [
            tree for tree in (getattr(found, "tree_", None), *getattr(found, "estimators_", ())) if tree is not None
        ]
        widths = {getattr(tree, "n_features_in_", getattr(tree, "n_features", None)) for tree in trees}
        if trees and widths != {columns}:
            raise DataError("a tree takes other columns than its forest")
        vocabulary = getattr(found, "vocabulary_", {})
        if sorted(vocabulary.values()) != list(range(len(vocabulary))):
            raise DataError("the words of a vocabulary are not numbered from 0")


def _objects(content: Any) -> Iterator[Any]:
    """Every object that is reached from one, each once."""
    waiting, seen = [content], set()
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, str | bytes | int | float | type(None)):
            continue
        seen.add(id(found))
        yield found
        if isinstance(found, dict):
            waiting += list(found.values())
        elif isinstance(found, list | tuple | set) or (isinstance(found, np.ndarray) and found.dtype == object):
            waiting += list(found)
        waiting += list(getattr(found, "__dict__", {}).values())


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _nodes(part)


def _check_tree(archive: zipfile.ZipFile, node: dict[str, Any]) -> None:
    feature_count, class_counts, output_count = node["__reduce__"]["args"]["content"]
    state = node["content"]["content"]
    columns, outputs = int(feature_count["content"]), int(output_count["content"])
    classes, nodes, values = (_array(archive, entry) for entry in (class_counts, state["nodes"], state["values"]))
    if outputs != 1 or classes.shape != (1,):
        raise DataError("a tree has more than one output")
    if int(state["node_count"]["content"]) != len(nodes) or len(nodes) == 0:
        raise DataError("a tree has another number of nodes than it says")
    if values.shape != (len(nodes), 1, int(classes[0])) or not np.isfinite(values).all():
        raise DataError("a tree's leaves hold no shares of its classes")
    number = np.arange(len(nodes))
    left, right = nodes["left_child"], nodes["right_child"]
    is_leaf = left == _LEAF
    # A child stands behind its parent, so that no way through the tree comes back.
    is_inside = (number < left) & (left < len(nodes)) & (number < right) & (right < len(nodes))
    if not np.where(is_leaf, right == _LEAF, is_inside).all():
        raise DataError("a tree's node has a child outside the tree")
    if not np.where(is_leaf, True, (nodes["feature"] >= 0) & (nodes["feature"] < columns)).all():
        raise DataError("a tree splits on a column that it does not have")
    # Infinite where a split tells missing values from all others.
    if np.isnan(nodes["threshold"]).any():
        raise DataError("a tree splits at no number")


def _array(archive: zipfile.ZipFile, entry: dict[str, Any]) -> np.ndarray:
    array: np.ndarray = np.load(io.BytesIO(archive.read(entry["file"])), allow_pickle=False)
    return array
