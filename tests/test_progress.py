"""What a person sees while the pipeline runs: estimates, stages, how far a long job is."""

import functools
import re

import pytest
from cases import changed, specification, train_block
from project import HERE, tiny

from superpos.config import jobs, paper_files, shipped
from superpos.config.resolving import resolve
from superpos.config.sweep import Sweep
from superpos.progress import estimates, planned
from superpos.progress.meter import Meter
from superpos.progress.status import ListedJob, PipelineStatus
from superpos.storage import store

KNOWN = {
    "F1/train/density=1/0-24": 40.0,
    "F1/train/density=0.1/0-24": 20.0,
    "F5/train/all/0-2": 6.0,
    "F1/metrics": 3.0,
    "figures/F1": 2.0,
    "report": 1.0,
}


@pytest.mark.parametrize(
    ("job", "seconds"),
    [
        ("F1/metrics", 3.0),
        ("F1/train/density=0.5/0-24", 30.0),
        ("F9/train/all/0-8", 22.0),
        ("figures/F9", 2.0),
        ("claims", estimates.UNTIMED_SECONDS),
    ],
)
def test_a_job_takes_its_own_time_or_that_of_like_jobs(job, seconds):
    assert estimates.estimated_seconds(job, KNOWN) == seconds


def test_of_like_jobs_the_time_is_in_proportion_to_the_cost():
    costs = {
        "F1/train/density=1/0-24": 100,
        "F1/train/density=0.1/0-24": 50,
        "F1/train/density=0.5/0-24": 15,
        "F9/train/all/0-8": 300,
    }
    estimated = functools.partial(estimates.estimated_seconds, known=KNOWN, costs=costs)
    assert estimated("F1/train/density=1/0-24") == 40.0
    assert estimated("F1/train/density=0.5/0-24") == 6.0
    assert estimated("F9/train/all/0-8") == 120.0
    assert estimated("F1/train/density=0.2/0-24") == 30.0  # of a plan without this cost
    assert estimated("F5/metrics") == 3.0


def test_the_cost_of_a_whole_training_set_does_not_fall_with_the_density():
    data = {"name": "independent", "training_samples": 5000}
    finite = {"batch": "all", "steps": 1000, "data": data}
    whole, drawn = (
        [
            jobs.cost(jobs.Job("x", "all", 0, 4, Sweep.of(changed(density=p, **given), {})))
            for p in (0.1, 0.001)
        ]
        for given in (finite, {"batch": 50_000, "steps": 1000})
    )
    assert whole[0] == whole[1] > 0
    assert drawn[0] > 50 * drawn[1]


@pytest.mark.parametrize(
    ("job", "stage"),
    [("F1/train/all/0-2", "train"), ("claims/intro", "claims"), ("figures/F1", "figures")],
)
def test_a_job_belongs_to_a_stage(job, stage):
    assert estimates.stage_of_job(job) == stage


def test_cores_share_the_work_but_not_the_longest_job():
    assert estimates.wall([4.0, 4.0, 2.0], 2) == 5.0
    assert estimates.wall([9.0, 1.0], 2) == 9.0
    assert estimates.wall([], 2) == 0.0


def test_one_slow_job_does_not_decide_the_pace():
    assert estimates.pace(took=130, estimated=10, total=2400) < 1.5
    assert estimates.pace(took=2400, estimated=1200, total=1200) == pytest.approx(1.9, abs=0.02)


def test_benchmarks_name_jobs_and_one_that_was_cut_is_passed_over(tmp_path):
    for name, text in {"F1/metrics": "s\th:m:s\n3.5\t0:00:03\n", "report": "s\th:"}.items():
        path = tmp_path / f"{name}.tsv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert estimates.by_name(store.benchmarks(tmp_path)) == {"F1/metrics": 3.5}


def test_no_estimate_counts_the_seconds_in_which_kernels_were_compiled(tmp_path):
    log = tmp_path / "logs" / "F1" / "metrics.log"
    for path, text in (
        (tmp_path / "benchmarks" / "F1" / "metrics.tsv", "s\th:m:s\n9.5\t0:00:09\n"),
        (log, "kernels compiled in 4.5 s\ntrained 2 runs\nkernels compiled in 2.0 s\n"),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    assert estimates.by_name(store.estimable(tmp_path / "benchmarks")) == {"F1/metrics": 3.0}
    now = [0.0]
    jobs = {1: ListedJob("metrics of F1", "F1/metrics", str(log)), 2: ListedJob("report", "report")}
    progress = PipelineStatus(jobs, KNOWN, 1, lambda: now[0], store.compiling_seconds)
    progress.start(1)
    now[0] = 7.5
    assert progress.now({}) == "running: metrics of F1, 8 s; about 3 s left"
    now[0] = 9.5
    assert progress.finish(1) == "[1 of 2, metrics 1 of 1] metrics of F1, 10 s; about 1 s left"


def test_a_busy_machine_makes_no_published_time_longer():
    known = {"F1/metrics": 3.0, "report": 5.0, "gone": 1.0}
    new = {"F1/metrics": 9.0, "report": 2.0, "F2/metrics": 7.0}
    assert estimates.shortest(known, new) == {"F1/metrics": 3.0, "report": 2.0, "F2/metrics": 7.0}


@pytest.mark.parametrize("paper", paper_files.papers().values(), ids=lambda paper: paper.name)
def test_the_shipped_times_of_each_paper_name_its_training_jobs(paper):
    times = estimates.from_tsv((HERE / paper.published / "times.tsv").read_text())
    config = resolve(shipped.config(HERE, paper))
    names = [job.process for e in config.experiments.values() for job in jobs.jobs(e)]
    assert sum(job in times for job in names) > 0.9 * len(names)


def test_times_survive_their_table():
    assert estimates.from_tsv(estimates.to_tsv(KNOWN)) == KNOWN


def test_a_finished_job_tells_its_stage_its_place_and_what_is_left():
    now = [0.0]
    jobs = {1: ListedJob("train F1", "F1/train/density=1/0-24"), 2: ListedJob("report", "report")}
    progress = PipelineStatus(jobs, KNOWN, cores=1, clock=lambda: now[0])
    assert progress.opening() == "2 jobs, 1 at a time: about 41 s left"
    progress.start(1)
    now[0] = 20.0
    assert progress.now({}) == "running: train F1, 20 s; about 21 s left"
    assert "train F1, 50% of" in progress.now({1: "50% of the steps after 20 s"})
    now[0] = 40.0
    assert progress.finish(1) == "[1 of 2, train 1 of 1] train F1, 40 s; about 1 s left"
    progress.start(2)
    assert progress.finish(2).endswith("all done")


def test_a_plan_says_how_many_jobs_why_and_how_long():
    jobs = [
        planned.PlannedJob(
            "F1/train/density=1/0-24", "Missing output files: a; Updated input files: b"
        ),
        planned.PlannedJob("F1/train/density=0.1/0-24", "Missing output files: c"),
        planned.PlannedJob("figures/F1", "Params have changed since last execution: ..."),
    ]
    said = planned.lines(jobs, KNOWN, 2)
    assert said[0].startswith("3 jobs would run, about 40 s on 2 cores (3 timed by earlier runs, 0")
    assert "    F1: 2 jobs, 60 s of one core, because it does not exist yet" in said
    assert "    F1: 1 job, 2 s of one core, because its settings or code have changed" in said
    assert planned.lines(jobs[2:], KNOWN, 2)[0].startswith("1 job would run, about")


def test_a_long_job_says_how_far_it_is_but_not_too_often():
    now, said = [0.0], []
    meter = Meter("the steps", pause=5, say=said.append, clock=lambda: now[0])
    for second in range(1, 13):
        now[0] = float(second)
        meter(second / 20)
    assert said == [
        "30% of the steps after 5 s, about 14 s more",
        "55% of the steps after 10 s, about 9 s more",
    ]


def test_what_is_compiled_before_the_first_step_is_not_taken_for_training():
    now, said = [0.0], []
    meter = Meter("the steps", pause=5, say=said.append, clock=lambda: now[0])
    for second, share in ((20, 0.0), (34, 0.01), (36, 0.2), (40, 0.61)):
        now[0] = float(second)
        meter(share)
    assert said == ["61% of the steps after 6 s, about 4 s more"]


@pytest.mark.parametrize("engine", ["reference", "fused"])
def test_training_tells_the_share_of_its_steps(engine):
    shares = []
    job = specification(engine=engine, points={"a": {}, "b": {"steps": 60}}, losses=5)
    train_block(job, {}, (), {}, 1, report_progress=shares.append)
    assert shares == sorted(shares)
    assert any(0 < share < 1 for share in shares)
    assert shares[-1] == pytest.approx(1.0)


@pytest.mark.slow
def test_make_tells_each_finished_job_and_plan_tells_the_jobs_their_reasons_and_times(project):
    config = tiny()
    config["experiments"]["sets"]["steps"] = 25
    project.configure(config)
    planned = project.make("--dry-run", "--cores", "2")
    assert "Traceback" not in planned
    jobs = int(re.search(r"^(\d+) jobs would run, about \d+ s on 2 cores \(", planned, re.M)[1])
    assert f"({jobs} timed by earlier runs, 0" in planned
    assert re.search(r"^    sets: 2 jobs, .*made with other settings or code$", planned, re.M)
    text = project.make("--cores", "2")
    done = re.findall(
        rf"^\[ ?(\d+) of {jobs}, (\w+) (\d+) of (\d+)\] .*(?:left|all done)$", text, re.M
    )
    assert [int(d[0]) for d in done] == list(range(1, jobs + 1))
    assert ("train", "2", "2") in {d[1:] for d in done}
    assert "Job " not in text
    assert project.make("--dry-run").count("Nothing to be done") == 1


@pytest.mark.slow
def test_make_hands_a_file_to_make_and_settings_on_to_snakemake(project):
    made = "results/variations/other/sets/conditions.parquet"
    project.make(made, "--config", "seed=1", "variation=other")
    assert (project.folder / made).exists()


@pytest.mark.slow
def test_a_long_training_job_shows_its_progress_in_its_log(project):
    project.edit("superpos/progress/meter.py", "pause: float = 5.0", "pause: float = 0.0")
    block = "density=0.3+importance=1"
    (project.folder / f"results/sets/models/{block}/0-2.safetensors").unlink()
    project.make("--cores", "1", f"results/sets/models/{block}/0-2.safetensors")
    log = project.log(f"sets/train/{block}/0-2.log")
    assert re.search(r"^\d+% of the steps after \d+ s, about \d+ s more$", log, re.M)


@pytest.mark.slow
def test_a_job_that_fails_is_named_with_the_end_of_its_log(project):
    project.edit(
        "superpos/papers/toy_models/notebook/figure_seed_bars.py",
        "    parts =",
        "    raise ValueError('bent')\n    parts =",
    )
    text = project.make("--cores", "1", ok=False)
    assert "failed: figure bars; the end of its log, results/logs/figures/bars.log:" in text
    assert text.count("    figure: bent") == 1
    assert "Traceback" not in text
    assert "RuleException" not in text
