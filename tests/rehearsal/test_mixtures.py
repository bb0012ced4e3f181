"""Any mixture of made, existing and in-cluster parts on any target: complete values, or a clear refusal."""

import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, event, given, note, settings

from components.values import root_ca
from rehearsal.engine import Engine
from rehearsal.run import Result, rehearse
from rehearsal.workspace import prepare
from stacks.config import StackConfig, load
from stacks.offered import OFFERED
from stacks.problems import ConfigErrors
from tests.rehearsal.environment import Silent
from tests.rehearsal.mixtures import Config, follow, mixtures
from tests.samples import ROOT

_ALWAYS = (
    "global.domain",
    "global.redis.address",
    "global.blob.provider",
    "global.interop.blob.bucket",
    "global.ingress.controller",
    "global.ingress.tls.secretName",
    "is.profilePictures.bucket",
    "is.endDevicePictures.bucket",
    "dcs.edcs.blob.bucket",
)
_ALWAYS_SECRET = (
    "license.key",
    "global.cluster.keys",
    "global.tenancy.adminKey",
    "is.database.uri",
)
_OF_PROVIDER = {
    "aws": ("global.blob.aws.region",),
    "azure": ("global.blob.azure.accountName",),
    "gcp": (),
    "local": ("global.blob.local.pvc",),
}
_FOR_EACH_TARGET = 3
_GENERATED_ONLY = settings(
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


def _project(folder: Path, config: Config) -> Path:
    root = folder / "copy"
    shutil.rmtree(root, ignore_errors=True)
    (root / "stacks").mkdir(parents=True)
    for file in ("Pulumi.yaml", "__main__.py"):
        (root / file).write_bytes((ROOT / file).read_bytes())
    text = yaml.safe_dump({"config": config})
    (root / "stacks" / "Pulumi.sample.yaml").write_text(text)
    return root


def _loaded(config: Config) -> StackConfig | ConfigErrors:
    """What the program makes of it, with stand-ins for the secrets that it needs."""
    with tempfile.TemporaryDirectory() as folder:
        root = _project(Path(folder), config)
        try:
            return load(prepare(root, "sample", Path(folder) / "prepared").raw)
        except ConfigErrors as errors:
            return errors


def _sound(config: Config) -> Config | None:
    """The file itself or, where the messages leave no choice, what they make of it."""
    for _ in range(4):
        found = _loaded(config)
        if not isinstance(found, ConfigErrors):
            return config
        after = follow(config, found.problems)
        if after is None:
            return None
        config = after
    return None


@settings(parent=_GENERATED_ONLY, max_examples=150)
@given(config=mixtures())
def test_a_mixture_is_taken_or_refused_in_full_sentences(config: Config) -> None:
    found = _loaded(config)
    if not isinstance(found, ConfigErrors):
        event("taken")
        return
    event("refused")
    assert found.problems
    for problem in found.problems:
        assert problem.key.startswith("tts:")
        assert len(problem.allowed) > 10, problem
        assert len(problem.remedy) > 5, problem


def _at(tree: Any, path: str) -> Any:
    for part in path.split("."):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


def _expect_complete(config: Config, result: Result) -> None:
    provider = _at(result.values, "global.blob.provider")
    for path in (*_ALWAYS, *_OF_PROVIDER[provider]):
        assert _at(result.values, path), path
    for path in _ALWAYS_SECRET:
        assert _at(result.secrets, path), path
    uri = _at(result.secrets, "is.database.uri")
    assert re.fullmatch(r"postgres://[^:@/]+:[^:@/]+@[^:@/]+:\d+/[^?]+\?sslmode=[a-z-]+", uri)
    # Every authority that the file names is trusted, among others that the stack made.
    trusted = _lines(_at(result.values, "global.tls.rootCA"))
    for section in ("postgres", "redis", "blobs"):
        named = config[f"tts:{section}"].get("caCertificate")
        if named is not None:
            assert _lines(root_ca([named])) <= trusted
    redis = config["tts:redis"]
    if redis["mode"] in ("in-cluster", "existing"):
        password = _at(result.secrets, "global.redis.password")
        assert (password is not None) is bool(redis.get("tls"))


def _lines(text: str | None) -> set[str]:
    return set() if text is None else set(text.splitlines())


def _rehearse(config: Config, engine: Engine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = _project(Path(folder), config)
        result = rehearse(root, "sample", lambda: engine, Silent())
    _expect_complete(config, result)


def test_sound_mixtures_give_complete_values_on_the_real_engine(engine: Engine) -> None:
    """A number of them for each target, so that none is left to chance."""
    done: Counter[str] = Counter()

    @settings(parent=_GENERATED_ONLY, max_examples=150)
    @given(config=mixtures())
    def each(config: Config) -> None:
        if done[config["tts:target"]] >= _FOR_EACH_TARGET:
            return
        sound = _sound(config)
        if sound is not None:
            note(yaml.safe_dump(sound))
            _rehearse(sound, engine)
            done[sound["tts:target"]] += 1

    each()
    assert set(done) == set(OFFERED)
    assert min(done.values()) == _FOR_EACH_TARGET, done
