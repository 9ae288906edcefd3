"""JupyterHub for a class: a server for each student, with the course in the student's folder.

What is needed, and how it is started, is told in docs/teachers.md. Names and numbers to change
stand at the top.
"""

import sys
from pathlib import Path

LANGUAGE = "en"  # of the chapters, the hints and the menus: en or zh
STUDENTS = 30  # servers that may run at the same time
IDLE_MINUTES = 60  # after which kernels, and then servers, are ended

c = get_config()  # noqa: F821  # JupyterHub gives it to this file

# Each server is this command, run by the student's account. It brings the chapters in ~/course up
# to date, writes over nothing that the student has changed, and becomes the server.
c.Spawner.cmd = [str(Path(sys.executable).with_name("d2l-autograd")), "lab"]
c.Spawner.args = [
    f"--lang={LANGUAGE}",
    "--dir=course",
    "--no-browser",
    "--",
    f"--MappingKernelManager.cull_idle_timeout={60 * IDLE_MINUTES}",
    "--MappingKernelManager.cull_connected=True",  # a page that is left open does not keep it
]
c.Spawner.default_url = "/lab/tree/01_derivatives.ipynb"

# systemd holds each server to these limits. A spawner of containers does so as well; JupyterHub's
# own spawner of local processes does not. Measured: a server takes 0.15 GB, a chapter's kernel up
# to 0.7 GB, and chapter 10 up to 2.2 GB, with the processes that it starts.
c.JupyterHub.spawner_class = "systemd"
c.Spawner.mem_guarantee = "1G"
c.Spawner.mem_limit = "3G"
c.Spawner.cpu_limit = 2.0  # processors; chapter 10 divides its work between two
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.disable_user_sudo = True
c.JupyterHub.active_server_limit = STUDENTS
c.JupyterHub.concurrent_spawn_limit = 8  # the others wait, when a whole class logs in
c.Spawner.start_timeout = 120  # seconds
c.Spawner.http_timeout = 120

# Students log in with their accounts on this machine.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"students"}
c.PAMAuthenticator.admin_groups = {"teachers"}

c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
culler = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={60 * IDLE_MINUTES}"]
c.JupyterHub.services = [{"name": "idle-culler", "command": culler}]
