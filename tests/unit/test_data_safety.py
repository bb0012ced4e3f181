"""The table of changes is complete, and the page written from it."""

from rehearsal.changes import all_keys, changes, edited
from tests.samples import stack_file
from tools.data_safety import PAGE, page


def test_every_key_of_a_stack_file_has_an_entry() -> None:
    told = {key for change in changes() for key in change.keys}
    assert all_keys() - told == set(), (
        "say in rehearsal/rules/changes.yaml what a change of it does"
    )
    assert told - all_keys() == set(), "these are no keys any more"


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tools.data_safety"


def test_an_edit_changes_what_it_names_and_no_more() -> None:
    config = stack_file(name="aws-production")
    changed = edited(config, {"cluster.kubernetesVersion": "1.36", "size": "large"})
    assert changed["tts:cluster"] == {**config["tts:cluster"], "kubernetesVersion": "1.36"}
    assert changed["tts:size"] == "large"
    assert config["tts:size"] == "medium"


def test_a_change_fits_the_kind_of_section_that_it_is_about() -> None:
    (version,) = [it for it in changes() if it.keys == ("cluster[managed].kubernetesVersion",)]
    assert version.fits(stack_file(name="aws-production"))
    assert not version.fits(stack_file(name="aws-existing-production"))
