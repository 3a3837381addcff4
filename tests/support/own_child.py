"""Started by a daemon in the place of ``claude``: tries, as a program of ours, all that only the owner may do.

``own_child.py HOME RUNTIME PYTHON RESULT``: what was answered is written into the file RESULT, as JSON.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HOME, RUNTIME, PYTHON, RESULT = sys.argv[1:5]
COMMANDS = (
    ("thaw",),
    ("grants", "add", "--network"),
    ("grants", "revoke", "a"),
    ("token", "new", "mine", "--scope", "owner"),
    ("config", "set", "security.mode", "yolo"),
    ("secret", "remove", "x"),
    ("approvals", "allow", "a"),
    ("inbox", "allow", "a"),
    ("model", "use", "other"),
)
REQUESTS: tuple[tuple[str, str, dict[str, str] | None], ...] = (
    ("POST", "/api/thaw", {}),
    ("DELETE", "/api/grants/a", None),
    ("POST", "/api/approvals/a", {"choice": "once"}),
    ("POST", "/api/inbox/a", {"answer": "allow"}),
    ("PUT", "/api/settings", {"key": "security.mode", "value": "read-only"}),
    ("POST", "/api/models/use", {"model": "other"}),
)


def typed(words):
    environ = {"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", ""), "XDG_RUNTIME_DIR": RUNTIME}
    environ["PYTHONPATH"] = os.pathsep.join(PATHS)
    done = subprocess.run(
        [PYTHON, "-m", "localgpt", "--home", HOME, *words],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return [done.returncode, done.stderr]


def way_in():
    """The token and the port, as any program of this user can read them."""
    state = Path(HOME, "state")
    return (state / "token").read_text().strip(), json.loads((state / "daemon.json").read_text())["port"]


def asked(method, path, body):
    token, port = way_in()
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, method=method)
    request.add_header("Authorization", f"Bearer {token}")
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return [answer.status, answer.read().decode()]
    except urllib.error.HTTPError as error:
        return [error.code, error.read().decode()]


def shouted(method, path, body):
    """Say it and be gone before it is answered."""
    token, port = way_in()
    data = json.dumps(body).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    if os.fork() == 0:
        line = socket.create_connection(("127.0.0.1", port))
        line.sendall(head.encode() + data)
        os._exit(0)


def attempts():
    return {
        **{" ".join(words): typed(words) for words in COMMANDS},
        **{f"{method} {path}": asked(method, path, body) for method, path, body in REQUESTS},
    }


def hidden():
    """The same behind two forks and in a session of its own; gives what came of it."""
    ours, theirs = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        while os.getppid() not in {1, int(sys.argv[5])}:
            time.sleep(0.01)
        with os.fdopen(theirs, "w") as line:
            line.write(json.dumps(attempts()))
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as line:
        return json.loads(line.read())


if __name__ == "__main__":
    PATHS = sys.argv[6:]
    found = {"child": attempts(), "hidden": hidden()}
    for _ in range(5):
        shouted("PUT", "/api/settings", {"key": "security.mode", "value": "read-only"})
    Path(RESULT + ".new").write_text(json.dumps(found))
    Path(RESULT + ".new").replace(RESULT)
