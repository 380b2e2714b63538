"""Make, publish, audit and fine-tune on Spanish instruction data.

    from pathlib import Path
    import aguila

    registry = Path("versions")
    result = aguila.build(aguila.load_recipe("demo"), registry)
    result.version.rows()  # a polars frame
    aguila.verify(aguila.resolve("demo@1.0.0", registry), registry)

Everything that is public is named here, with its types. A name's module is imported when the name is first used, so that
importing the package costs nothing. Errors that a user can cause are `Problem`s.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from aguila.own_packages import require_own_packages

if TYPE_CHECKING:
    from builders.engines.named import engine_named as engine_named
    from builders.errors import Changed as Changed
    from builders.errors import Conflict as Conflict
    from builders.errors import Denied as Denied
    from builders.errors import Exhausted as Exhausted
    from builders.errors import Invalid as Invalid
    from builders.errors import NotFound as NotFound
    from builders.errors import Problem as Problem
    from builders.errors import Unreachable as Unreachable
    from builders.hub.published import Listed as Listed
    from builders.hub.published import latest_published as latest_published
    from builders.hub.published import list_published as list_published
    from builders.hub.publishing import publish as publish
    from builders.hub.repository import Publication as Publication
    from builders.hub.repository import Sent as Sent
    from builders.hub.yanking import Yanked as Yanked
    from builders.hub.yanking import yank as yank
    from builders.identifiers import VersionNumber as VersionNumber
    from builders.labels.applied import with_labels as with_labels
    from builders.labels.calibrate import Calibrated as Calibrated
    from builders.labels.calibrate import calibrate as calibrate
    from builders.labels.file import merge_labels as merge_labels
    from builders.labels.file import read_labels as read_labels
    from builders.labels.measure import evidence as evidence
    from builders.labels.on_argilla import Pushed as Pushed
    from builders.labels.on_argilla import fetch_review as fetch_review
    from builders.labels.on_argilla import push_review as push_review
    from builders.labels.queue import Queue as Queue
    from builders.labels.queue import queue as queue
    from builders.labels.records import Label as Label
    from builders.labels.records import Labels as Labels
    from builders.labels.votes import Agreed as Agreed
    from builders.manifest import Manifest as Manifest
    from builders.pipeline import Built as Built
    from builders.pipeline import StageCount as StageCount
    from builders.reading.audit import Audited as Audited
    from builders.reading.audit import audit as audit
    from builders.reading.audit import audited as audited
    from builders.reading.explain import explain as explain
    from builders.reading.export import Exported as Exported
    from builders.reading.export import export as export
    from builders.reading.rules import ListedRule as ListedRule
    from builders.reading.rules import RulesListing as RulesListing
    from builders.reading.rules import list_rules as list_rules
    from builders.reading.select import Selection as Selection
    from builders.reading.select import Wanted as Wanted
    from builders.reading.select import select as select
    from builders.recipes.loading import load_recipe as load_recipe
    from builders.recipes.model import Recipe as Recipe
    from builders.sources.inspect import Inspected as Inspected
    from builders.sources.inspect import inspect as inspect
    from builders.sources.inspect import write_recipe as write_recipe
    from builders.sources.reading import with_source as with_source
    from builders.versions.diff import diff as diff
    from builders.versions.listing import ListedVersion as ListedVersion
    from builders.versions.listing import list_versions as list_versions
    from builders.versions.rebuild import Check as Check
    from builders.versions.references import last_built as last_built
    from builders.versions.references import resolve as resolve
    from builders.versions.registry import Result as Result
    from builders.versions.registry import build as build
    from builders.versions.verify import Verification as Verification
    from builders.versions.verify import verify as verify
    from builders.versions.version import Version as Version
    from builders.versions.version import open_version as open_version
    from cards.audit.numbers import Audit as Audit
    from cards.audit.numbers import FileAudit as FileAudit
    from cards.diff.records import Comparison as Comparison
    from cards.rows.records import SelectedRow as SelectedRow
    from cards.rows.records import Story as Story
    from cards.shared.records import Measure as Measure
    from cards.shared.records import RuleCounts as RuleCounts
    from cards.statistics.listed import Statistics as Statistics
    from train.adapters.adapter import Adapter as Adapter
    from train.adapters.adapter import open_adapter as open_adapter
    from train.adapters.lineage import Lineage as Lineage
    from train.adapters.lineage import lineage as lineage
    from train.adapters.listing import ListedAdapter as ListedAdapter
    from train.adapters.listing import list_adapters as list_adapters
    from train.adapters.merged import Merged as Merged
    from train.adapters.merging import merge as merge
    from train.adapters.publishing import publish_adapter as publish_adapter
    from train.adapters.publishing import publish_model as publish_model
    from train.answers.evaluation import evaluate as evaluate
    from train.answers.generation import Answer as Answer
    from train.answers.generation import Answerer as Answerer
    from train.answers.generation import Question as Question
    from train.answers.generation import open_answerer as open_answerer
    from train.answers.measures import Evaluated as Evaluated
    from train.answers.sampled import SampledAnswers as SampledAnswers
    from train.answers.sampled import sample_answers as sample_answers
    from train.answers.sampling import Sampling as Sampling
    from train.answers.scoring import Scored as Scored
    from train.answers.scoring import score as score
    from train.comparison.compare import ComparedModels as ComparedModels
    from train.comparison.compare import compare as compare
    from train.comparison.experiment import Experiment as Experiment
    from train.comparison.experiment import load_experiment as load_experiment
    from train.comparison.experiment import run_experiment as run_experiment
    from train.engines import choose
    from train.methods.dpo import make_dpo_plan as make_dpo_plan
    from train.methods.sft import Interrupted as Interrupted
    from train.methods.sft import make_plan as make_plan
    from train.methods.sft import train as train
    from train.recipes import loading as training_recipes
    from train.recipes.model import TrainRecipe as TrainRecipe
    from train.run.data import TrainingData as TrainingData
    from train.run.data import open_data as open_data
    from train.run.plan import Plan as Plan
    from train.run.record import TrainingRecord as TrainingRecord

    choose_engine, load_train_recipe = choose, training_recipes.load_recipe

# The same for a running program: where a name is imported from, and what it is called there if that is something else.
_HOMES = {
    "Adapter": "train.adapters.adapter",
    "Agreed": "builders.labels.votes",
    "Answer": "train.answers.generation",
    "Answerer": "train.answers.generation",
    "Audit": "cards.audit.numbers",
    "audit": "builders.reading.audit",
    "Audited": "builders.reading.audit",
    "audited": "builders.reading.audit",
    "build": "builders.versions.registry",
    "Built": "builders.pipeline",
    "calibrate": "builders.labels.calibrate",
    "Calibrated": "builders.labels.calibrate",
    "Changed": "builders.errors",
    "Check": "builders.versions.rebuild",
    "fetch_review": "builders.labels.on_argilla",
    "merge_labels": "builders.labels.file",
    "push_review": "builders.labels.on_argilla",
    "Pushed": "builders.labels.on_argilla",
    "Verification": "builders.versions.verify",
    "choose_engine": "train.engines:choose",
    "compare": "train.comparison.compare",
    "ComparedModels": "train.comparison.compare",
    "Comparison": "cards.diff.records",
    "Conflict": "builders.errors",
    "Denied": "builders.errors",
    "diff": "builders.versions.diff",
    "engine_named": "builders.engines.named",
    "evaluate": "train.answers.evaluation",
    "Evaluated": "train.answers.measures",
    "Exhausted": "builders.errors",
    "evidence": "builders.labels.measure",
    "Experiment": "train.comparison.experiment",
    "load_experiment": "train.comparison.experiment",
    "run_experiment": "train.comparison.experiment",
    "explain": "builders.reading.explain",
    "export": "builders.reading.export",
    "Exported": "builders.reading.export",
    "FileAudit": "cards.audit.numbers",
    "inspect": "builders.sources.inspect",
    "Inspected": "builders.sources.inspect",
    "Interrupted": "train.methods.sft",
    "Invalid": "builders.errors",
    "Label": "builders.labels.records",
    "Labels": "builders.labels.records",
    "last_built": "builders.versions.references",
    "latest_published": "builders.hub.published",
    "Lineage": "train.adapters.lineage",
    "lineage": "train.adapters.lineage",
    "list_adapters": "train.adapters.listing",
    "ListedAdapter": "train.adapters.listing",
    "list_published": "builders.hub.published",
    "list_rules": "builders.reading.rules",
    "list_versions": "builders.versions.listing",
    "Listed": "builders.hub.published",
    "ListedRule": "builders.reading.rules",
    "ListedVersion": "builders.versions.listing",
    "load_recipe": "builders.recipes.loading",
    "load_train_recipe": "train.recipes.loading:load_recipe",
    "make_dpo_plan": "train.methods.dpo",
    "make_plan": "train.methods.sft",
    "Manifest": "builders.manifest",
    "Measure": "cards.shared.records",
    "merge": "train.adapters.merging",
    "Merged": "train.adapters.merged",
    "NotFound": "builders.errors",
    "open_adapter": "train.adapters.adapter",
    "open_answerer": "train.answers.generation",
    "open_data": "train.run.data",
    "open_version": "builders.versions.version",
    "Plan": "train.run.plan",
    "Problem": "builders.errors",
    "Publication": "builders.hub.repository",
    "publish": "builders.hub.publishing",
    "publish_adapter": "train.adapters.publishing",
    "publish_model": "train.adapters.publishing",
    "Question": "train.answers.generation",
    "Recipe": "builders.recipes.model",
    "Queue": "builders.labels.queue",
    "queue": "builders.labels.queue",
    "read_labels": "builders.labels.file",
    "resolve": "builders.versions.references",
    "Result": "builders.versions.registry",
    "RuleCounts": "cards.shared.records",
    "RulesListing": "builders.reading.rules",
    "sample_answers": "train.answers.sampled",
    "SampledAnswers": "train.answers.sampled",
    "Sampling": "train.answers.sampling",
    "score": "train.answers.scoring",
    "Scored": "train.answers.scoring",
    "select": "builders.reading.select",
    "SelectedRow": "cards.rows.records",
    "Selection": "builders.reading.select",
    "Sent": "builders.hub.repository",
    "StageCount": "builders.pipeline",
    "Statistics": "cards.statistics.listed",
    "Story": "cards.rows.records",
    "train": "train.methods.sft",
    "TrainingData": "train.run.data",
    "TrainingRecord": "train.run.record",
    "TrainRecipe": "train.recipes.model",
    "Unreachable": "builders.errors",
    "verify": "builders.versions.verify",
    "Version": "builders.versions.version",
    "VersionNumber": "builders.identifiers",
    "Wanted": "builders.reading.select",
    "with_labels": "builders.labels.applied",
    "with_source": "builders.sources.reading",
    "write_recipe": "builders.sources.inspect",
    "yank": "builders.hub.yanking",
    "Yanked": "builders.hub.yanking",
}
__all__ = sorted(_HOMES)


if not TYPE_CHECKING:  # a type checker knows the names above, and that there are no others

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        require_own_packages()
        home, _, there = _HOMES[name].partition(":")
        return getattr(import_module(home), there or name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
