"""Tokenizers without truncation and padding: ids of whole texts, and the special tokens around a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from bert4text.core.errors import ModelError
from bert4text.core.extras import require
from bert4text.models.sources import Source, locate, window_from

ROLES: dict[str, tuple[str, ...]] = {
    "unk_token": ("[UNK]", "<unk>"),
    "sep_token": ("[SEP]", "</s>"),
    "pad_token": ("[PAD]", "<pad>"),
    "cls_token": ("[CLS]", "<s>"),
    "mask_token": ("[MASK]", "<mask>"),
}
"""What the special tokens of encoders are called."""


VOCABULARIES = ("vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model", "spm.model")
"""Older files that transformers can make a tokenizer from."""


@dataclass(frozen=True)
class Template:
    """The special tokens that stand before and after the text, as ids."""

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.prefix) + len(self.suffix)

    def wrap(self, ids: Sequence[int]) -> list[int]:
        """Put the special tokens around the ids of a window."""
        return [*self.prefix, *ids, *self.suffix]


def read_tokenizer(source: Source) -> Tokenizer:
    """Read a tokenizer, truncation and padding removed; transformers converts older files.

    Raises:
        ModelError: there is no tokenizer, or it cannot be read.
        MissingExtraError: it must be converted and transformers is not installed.
    """
    path = source.folder / "tokenizer.json"
    tokenizer = open_tokenizer(path) if path.is_file() else _converted(source)
    return whole(tokenizer)


def open_tokenizer(path: Path) -> Tokenizer:
    """Open a ``tokenizer.json``.

    Raises:
        ModelError: it is missing or broken.
    """
    try:
        return whole(Tokenizer.from_file(str(path)))
    except Exception:
        problem = ModelError(
            "{name} is missing or is no tokenizer",
            hint="give the folder of an encoder saved by transformers",
            code="bad-tokenizer",
            name=path.name,
        )
    raise problem


def whole(tokenizer: Tokenizer) -> Tokenizer:
    """Remove truncation and padding, in place: with them texts would be cut in silence."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def template(tokenizer: Tokenizer) -> Template:
    """The special tokens that the tokenizer's own post-processor puts around a text.

    Raises:
        ModelError: they stand elsewhere than before and after the text.
    """
    for probe in ("a", "1", "."):
        encoding = tokenizer.encode(probe)
        inside = [place for place, special in enumerate(encoding.special_tokens_mask) if not special]
        if not inside:
            continue
        found = Template(tuple(encoding.ids[: inside[0]]), tuple(encoding.ids[inside[-1] + 1 :]))
        if found.wrap(tokenizer.encode(probe, add_special_tokens=False).ids) == encoding.ids:
            return found
        raise ModelError("the tokenizer puts special tokens inside the text", code="bad-tokenizer")
    return Template(tuple(tokenizer.encode("").ids), ())


def token_ids(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Ids of each whole text, without special tokens."""
    encodings = tokenizer.encode_batch_fast([_encodable(text) for text in texts], add_special_tokens=False)
    return [encoding.ids for encoding in encodings]


def positions(tokenizer: Tokenizer, text: str) -> tuple[list[int], list[tuple[int, int]]]:
    """Ids of a whole text without special tokens, and where each stands in it, in characters."""
    encoding = tokenizer.encode(_encodable(text), add_special_tokens=False)
    return encoding.ids, encoding.offsets


def special_tokens(tokenizer: Tokenizer) -> dict[str, str]:
    """Role -> token, for the roles whose usual token is in the vocabulary."""
    found = {}
    for role, names in ROLES.items():
        known = [name for name in names if tokenizer.token_to_id(name) is not None]
        if known:
            found[role] = known[0]
    return found


def window_of(name: str) -> int:
    """Tokens that an encoder reads at once, special tokens included.

    Raises:
        UnknownEncoderError: nothing on this machine goes by that name.
        ModelError: its files are broken.
    """
    return window_from(locate(name).folder)


def lengths(name: str) -> Callable[[Sequence[str]], list[int]]:
    """A function that counts the tokens of texts, special tokens included, without loading the model.

    A text is read in one window if its length is at most ``window_of(name)``.

    Raises:
        UnknownEncoderError: nothing on this machine goes by that name.
        ModelError: its files are broken.
    """
    tokenizer = read_tokenizer(locate(name))
    extra = len(template(tokenizer))

    def count(texts: Sequence[str]) -> list[int]:
        return [len(ids) + extra for ids in token_ids(tokenizer, texts)]

    return count


def _encodable(text: str) -> str:
    """Lone surrogates cannot be tokenized; the error would carry the text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _converted(source: Source) -> Tokenizer:
    if not any((source.folder / name).is_file() for name in VOCABULARIES):  # transformers would make one up
        raise ModelError(
            "{name} has no tokenizer.json and no vocabulary",
            hint="give the folder of an encoder saved by transformers, with its vocabulary",
            code="bad-tokenizer",
            name=source.name,
        )
    transformers = require("transformers")
    options = {} if source.cased is None else {"do_lower_case": not source.cased}
    try:
        made = transformers.AutoTokenizer.from_pretrained(
            str(source.folder), local_files_only=True, trust_remote_code=False, **options
        )
        backend: Tokenizer = made.backend_tokenizer
    except Exception:
        problem = ModelError(
            "the tokenizer of {name} cannot be read",
            hint="give the folder of an encoder saved by transformers, with its vocabulary",
            code="bad-tokenizer",
            name=source.name,
        )
    else:
        return backend
    raise problem
