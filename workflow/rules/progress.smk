"""Tell `workflow/logger` which jobs have to run, once they are known."""


def planned(job):
    return (job.jobid, job.message, str(job.benchmark), str(job.log))


onstart:
    jobs = [planned(j) for j in workflow.dag.needrun_jobs() if j.benchmark]
    logger.info(None, extra={"event": "plan", "jobs": jobs})
