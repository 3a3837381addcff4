"""What people have done for them every day: commands that must work behind the walls, each with what it has to say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Everyday:
    """A command and the text that it must print; ``needs`` is the program without which it is left out."""

    name: str
    needs: str
    script: str
    expected: str = "worked"


_GIT = "git -c user.name=a -c user.email=a@b.c"

EVERYDAY = (
    Everyday("files", "ls", "mkdir new && echo worked > new/a.txt && mv new/a.txt b.txt && cp b.txt c.txt && cat c.txt && rm b.txt"),
    Everyday("a note", "sed", "sed -i s/plain/fine/ knowledge/plain.md && grep -q fine knowledge/plain.md && echo worked"),
    Everyday("reading what is closed", "cat", "cd $(test -d skills && echo . || echo ..) && cat AGENTS.md skills/good/SKILL.md .git/config && echo worked"),
    Everyday("pipes", "sort", "printf '2\\n1\\n' | sort | head -1 | xargs -I{} echo worked {}"),
    Everyday("a here document", "cat", "cat <<E\nworked\nE"),
    Everyday("process substitution", "bash", "bash -c 'cat <(echo worked)'"),
    Everyday("find and grep", "find", "find . -name '*.md' | xargs grep -l plain | grep -q plain && echo worked"),
    Everyday("awk", "awk", "echo 1 2 | awk '$1 + $2 == 3 {print \"worked\"}'"),
    Everyday("diff", "diff", "diff AGENTS.md SOUL.md >/dev/null; test $? = 1 && echo worked"),
    Everyday("jobs in the background", "sleep", "sleep 0.05 & wait && echo worked"),
    Everyday("signals to its own", "sleep", "sleep 9 & kill $! && wait $!; test $? = 143 && echo worked"),
    Everyday("a time limit", "timeout", "timeout 0.1 sleep 9; test $? = 124 && echo worked"),
    Everyday("named pipes in the private folder", "mkfifo", "mkfifo $TMPDIR/p && (echo worked > $TMPDIR/p &) && cat $TMPDIR/p"),
    Everyday("temporary files", "mktemp", "f=$(mktemp) && echo worked > $f && cat $f"),
    Everyday("the date and the time zone", "date", "TZ=Europe/Zurich date +%Y | grep -q 20 && echo worked"),
    Everyday("git: a new repository", "git", f"git init -q r && cd r && echo 1 > a && git add a && {_GIT} commit -qm one && git log --oneline | grep -q one && echo worked"),
    Everyday("git: a clone and a branch", "git", f"git init -q r && (cd r && echo 1 > a && git add a && {_GIT} commit -qm one) && git clone -q r s && cd s && git switch -qc b && git status -s && echo worked"),
    Everyday("git: a merge", "git", f"git init -q -b main r && cd r && echo 1 > a && git add a && {_GIT} commit -qm 1 && git switch -qc b && echo 2 > b && git add b && {_GIT} commit -qm 2 && git switch -q main && {_GIT} merge -q b && cat b && echo worked"),
    Everyday("git: a difference, who wrote it, and putting aside", "git", f"git init -q r && cd r && echo 1 > a && git add a && {_GIT} commit -qm 1 && echo 2 >> a && git diff --stat && git blame a >/dev/null && {_GIT} stash -q && test $(wc -l < a) = 1 && {_GIT} stash pop -q && test $(wc -l < a) = 2 && echo worked"),
    Everyday("git: a patch", "git", f"git init -q r && cd r && echo 1 > a && git add a && {_GIT} commit -qm 1 && echo 2 > a && git diff > p && git checkout -q a && git apply p && grep -q 2 a && echo worked"),
    Everyday("python", "python3", "python3 -c 'import json, hashlib, sqlite3; print(\"worked\")'"),
    Everyday("python: many processes", "python3", "python3 -c 'from concurrent.futures import ProcessPoolExecutor as P; p = P(2); print([\"worked\" for _ in p.map(abs, [1, 2])][0])'"),
    Everyday("python: threads and asyncio", "python3", "python3 -c 'import asyncio; print(asyncio.run(asyncio.to_thread(str, \"worked\")))'"),
    Everyday("python: a program below it", "python3", "python3 -c 'import subprocess; subprocess.run([\"echo\", \"worked\"], check=True)'"),
    Everyday("python: an environment with pip", "python3", "python3 -m venv e && e/bin/python -m pip --version >/dev/null && echo worked"),
    Everyday("python: pip installs a folder", "python3", "python3 -m venv e && mkdir p && printf 'def f(): return \"worked\"' > p/thing.py && cp p/thing.py $(e/bin/python -c 'import site; print(site.getsitepackages()[0])') && e/bin/python -m pip list >/dev/null && e/bin/python -c 'import thing; print(thing.f())'"),
    Everyday("python: pip installs a wheel", "python3", "python3 -m venv e && python3 -c 'import zipfile; z = zipfile.ZipFile(\"thing-1-py3-none-any.whl\", \"w\"); d = \"thing-1.dist-info/\"; "
    'z.writestr("thing.py", "word = 6 * 7"); z.writestr(d + "METADATA", "Metadata-Version: 2.1\\nName: thing\\nVersion: 1\\n"); '
    "z.writestr(d + \"WHEEL\", \"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n\"); z.writestr(d + \"RECORD\", \"\"); z.close()' "
    "&& e/bin/python -m pip install -q --no-index ./thing-1-py3-none-any.whl && e/bin/python -c 'import thing; print(thing.word, \"worked\")'"),
    Everyday("python: a database that many write to", "python3", "printf 'import sqlite3, threading\\ndb = sqlite3.connect(\"a.db\"); db.execute(\"pragma journal_mode=wal\"); db.execute(\"create table t(a)\"); db.commit()\\n"
    'def work():\\n d = sqlite3.connect("a.db", timeout=20)\\n for i in range(20): d.execute("insert into t values(1)"); d.commit()\\n'
    "ts = [threading.Thread(target=work) for _ in range(4)]\\n[t.start() for t in ts]; [t.join() for t in ts]\\nprint(db.execute(\"select count(*) from t\").fetchone()[0] == 80 and \"worked\")\\n' > a.py && python3 a.py"),
    Everyday("pytest, or unittest", "python3", "printf 'import unittest\\nclass T(unittest.TestCase):\\n def test_it(self): self.assertTrue(1)\\n' > test_a.py && (python3 -m pytest -q test_a.py || python3 -m unittest -q test_a) >/dev/null 2>&1 && echo worked"),
    Everyday("make", "make", "printf 'all: a\\n\\t@cat a\\na:\\n\\t@echo worked > a\\n' > Makefile && make -s -j2"),
    Everyday("a compiler", "gcc", "printf '#include <stdio.h>\\nint main(){puts(\"worked\");}' > a.c && gcc a.c -o a && ./a"),
    Everyday("tar", "tar", "tar czf k.tgz knowledge && mkdir x && tar xzf k.tgz -C x && test -f x/knowledge/plain.md && echo worked"),
    Everyday("a patch", "patch", "printf '1\\n2\\n' > a && printf '1\\n3\\n' > b && (diff -u a b > p; patch -s a p) && cmp a b && echo worked"),
    Everyday("xz", "xz", "tar cJf k.txz knowledge && tar tJf k.txz | grep -q plain && echo worked"),
    Everyday("jobs side by side", "xargs", "seq 8 | xargs -P 4 -I{} sh -c 'echo {} > f{}' && test $(cat f? | wc -l) = 8 && echo worked"),
    Everyday("jq", "jq", "echo '{\"a\": \"worked\"}' | jq -r .a"),
    Everyday("zip", "zip", "zip -qr k.zip knowledge && unzip -qo k.zip -d x && echo worked"),
    Everyday("sqlite3", "sqlite3", "sqlite3 a.db 'create table t(a); insert into t values(\"worked\"); select a from t'"),
    Everyday("node", "node", "node -e 'require(\"fs\").writeFileSync(\"a.txt\", \"worked\"); console.log(require(\"fs\").readFileSync(\"a.txt\", \"utf8\"))'"),
    Everyday("node: a program below it", "node", "node -e 'console.log(require(\"child_process\").execSync(\"echo worked\").toString())'"),
    Everyday("node: its own tests", "node", "printf 'require(\"node:test\")(\"t\", () => {});' > a.test.js && node --test a.test.js >/dev/null && echo worked"),
    Everyday("perl", "perl", "perl -e 'print \"worked\\n\"'"),
    Everyday("a shell script of the workspace", "bash", "printf '#!/bin/sh\\necho worked\\n' > run.sh && chmod +x run.sh && ./run.sh"),
    Everyday("curl says that there is no network", "curl", "curl -s -m 2 http://127.0.0.1:9/; test $? != 0 && echo worked"),
)  # fmt: skip
