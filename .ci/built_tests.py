"""Tests that Bazel has built, started without Bazel, in surroundings of one's choice."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
WORKSPACE = 'cpuagg'


def make_copy(folder, texts):
  """The tracked files, with `texts` instead of some. Leaves what is the same as it is."""
  listed = subprocess.run(['git', 'ls-files', '-z'], cwd=ROOT, check=True, stdout=subprocess.PIPE)
  paths = [path for path in listed.stdout.decode().split('\0') if path]
  for path in paths:
    source, target = os.path.join(ROOT, path), os.path.join(folder, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(source, 'rb') as file:
      content = file.read()
    if path in texts:
      content = texts[path].encode()
    try:
      with open(target, 'rb') as file:
        is_same = file.read() == content
    except OSError:
      is_same = False
    if not is_same:
      with open(target, 'wb') as file:
        file.write(content)
    shutil.copymode(source, target)


class BuiltTests:
  """The tests in the workspace `folder`. `bazel` is the command to build with, as a list."""

  def __init__(self, folder, bazel):
    self.folder = folder
    self.bazel = bazel
    self.bin = ''
    self.commands = {}

  def output_of(self, *arguments):
    run = subprocess.run([*self.bazel, *arguments], cwd=self.folder, check=True,
                         stdout=subprocess.PIPE)
    return run.stdout.decode()

  def of(self, targets):
    """The labels of the tests among `targets`, without those that need root."""
    query = f'tests({targets}) except attr(tags, "no-sandbox|manual", {targets})'
    return self.output_of('query', query).split()

  def build(self, labels):
    subprocess.run([*self.bazel, 'build', *labels], cwd=self.folder, check=True)
    self.bin = self.output_of('info', 'bazel-bin').strip()
    # With their arguments.
    wanted = f'mnemonic("TestRunner", {" + ".join(labels)})'
    answer = json.loads(self.output_of('aquery', '--output=jsonproto', wanted))
    of_target = {target['id']: target['label'] for target in answer['targets']}
    for action in answer['actions']:
      # After the script that Bazel starts tests with.
      self.commands[of_target[action['targetId']]] = action['arguments'][1:]

  def run(self, label, limit, variables=None, starter=(), owner=None):
    """'' if the test passes within `limit` seconds, otherwise how it fails.

    `variables` are added to its environment. It is started by the command `starter`, and the user
    id `owner` owns its folder.
    """
    program, *arguments = self.commands[label]
    program = os.path.join(self.bin, program)
    runfiles = program + '.runfiles'
    with tempfile.TemporaryDirectory(prefix='test.', ignore_cleanup_errors=True) as scratch:
      if owner is not None:
        os.chown(scratch, owner, owner)
      environment = {
          'PATH': os.environ['PATH'], 'TZ': 'UTC', 'HOME': scratch, 'USER': 'test',
          'TEST_TMPDIR': scratch, 'TEST_SRCDIR': runfiles, 'RUNFILES_DIR': runfiles,
          'TEST_WORKSPACE': WORKSPACE, 'TEST_TARGET': label, 'TEST_UNDECLARED_OUTPUTS_DIR': scratch,
          # The first failure is enough.
          'GTEST_FAIL_FAST': '1', **(variables or {})}
      # It ends when this program is killed.
      test = subprocess.Popen(['setpriv', '--pdeathsig=KILL', *starter, program, *arguments],
                              cwd=os.path.join(runfiles, WORKSPACE),
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, start_new_session=True)
      output = []
      reader = threading.Thread(target=lambda: output.append(test.stdout.read()), daemon=True)
      reader.start()
      try:
        status = test.wait(timeout=limit)
      except subprocess.TimeoutExpired:
        status = None
      try:
        os.killpg(test.pid, signal.SIGKILL)
      except ProcessLookupError:
        pass
      test.wait()
      reader.join(timeout=2)
    if status == 0:
      return ''
    if status is None:
      return f'takes more than {limit:.0f} s'
    failed = re.search(rb'\[  FAILED  \] ([\w/.]+)', output[0] if output else b'')
    return failed.group(1).decode() if failed else f'exit status {status}'
