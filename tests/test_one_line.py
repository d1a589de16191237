"""What a notebook shows of an error that is the user's to mend, and of a training that was stopped: its sentence alone."""

import nbformat
from nbclient import NotebookClient

MISSING = """
from course.project import Project
Project("nowhere").look()
"""
STOPPED = """
from vit.training.run import Stopped
raise Stopped
"""


def test_a_notebook_shows_the_sentence_and_no_traceback(tmp_path, monkeypatch):
    monkeypatch.setenv("VIT_LANG", "en")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in (MISSING, STOPPED)])
    NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": tmp_path}}).execute()
    missing, stopped = (cell.outputs[-1] for cell in notebook.cells)
    assert missing.ename == "UserError"
    assert missing.traceback == [missing.evalue]
    assert "nowhere" in missing.evalue
    assert (stopped.ename, stopped.traceback) == ("Stopped", ["stopped; run the cell again to go on from here"])
