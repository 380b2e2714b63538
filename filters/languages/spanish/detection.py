"""How Spanish is told from other languages."""

from filters.languages.pack import Detection, Neighbour
from filters.languages.spanish.scripts import FOREIGN_SCRIPT
from filters.languages.spanish.tasks import CODE_TASK, OTHER_LANGUAGE_TASK

DETECTION = Detection(
    fasttext="es",
    langdetect="es",
    # langdetect has no Galician, and fastText lets it through as Spanish.
    neighbour=Neighbour("gl", threshold=0.15),
    function_words=r"(?:^|\s)(?:el|los|las|una|y|con|del|es|son|más|muy|pero|también|está|están|se)(?:\s|$)",
    foreign_script=FOREIGN_SCRIPT,
    other_language_task=OTHER_LANGUAGE_TASK,
    code_task=CODE_TASK,
)
