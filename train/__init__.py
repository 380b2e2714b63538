"""A version becomes an adapter.

    recipes    how to train: the model of a recipe, those that are shipped, how one is read
    base       the model that is fine-tuned: fetched, pinned, made native without running its code
    engines    how a base is held in memory and an adapter attached: plain, unsloth
    run        a run whatever its method: data, plan, batches, steps, checkpoints, record
    methods    what is particular to a training method: what rows become, the loss
    adapters   an adapter on disk and on the Hub; merged into its base
    answers    what an adapter answers, and how good that is

A run goes through them in this order: a recipe and a version make a plan, the plan is trained, the adapter is written whole.
"""

from aguila.own_packages import require_own_packages

require_own_packages()
