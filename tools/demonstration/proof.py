"""chibo-verify on the district's data, and on a copy in which one byte of one record is another."""
import json
import os
import shutil
import sqlite3
import subprocess

from district import DISTRICT

DAMAGED = 3


def _verify(district, program, directory, network):
    done = subprocess.run([program, '--dir', directory, '--network', network, '--json', '--lang', district.screen.lang],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = {}
    return done.returncode, report, (done.stdout + done.stderr).strip()


def _program(chibo):
    """chibo-verify of the same build: beside chibo, or where the build leaves it."""
    beside = os.path.dirname(os.path.abspath(chibo))
    for folder in (beside, os.path.join(os.path.dirname(beside), 'tools', 'verify')):
        program = os.path.join(folder, 'chibo-verify')
        if os.access(program, os.X_OK):
            return program
    return None


def _flip(directory, stored):
    """Changes one byte of the longest record that came from below; answers with its stream and index."""
    store = os.path.join(directory, stored)
    with sqlite3.connect(store) as db:
        row, stream, index, body = db.execute(
            'SELECT entry.rowid, lower(hex(stream.id)), entry.idx, entry.body FROM entry JOIN stream ON '
            'stream.no = entry.stream_no WHERE stream.own = 0 ORDER BY length(entry.body) DESC, entry.rowid LIMIT 1'
        ).fetchone()
        changed = bytearray(body)
        changed[len(changed) // 2] ^= 1
        db.execute('UPDATE entry SET body = ? WHERE rowid = ?', (bytes(changed), row))
    db.close()
    return stream, index


def verify(district):
    """The servers have to be at rest: what is checked is what lies on the disk."""
    screen = district.screen
    network = district.network
    district.stop()
    program = _program(district.chibo.program)
    if not screen.expect(program is not None, screen.text('no_verify')):
        return
    home = district.home(DISTRICT)
    code, report, text = _verify(district, program, home, network)
    if screen.expect(code == 0, screen.text('verify_failed', code=code, text=text[:500])):
        screen.say('verified', streams=report['streams'], entries=report['entries'], records=report['records'])
    copy = os.path.join(district.out, 'ban-sao-hong')
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns('*.sock', 'control*'))
    stream, index = _flip(copy, 'chibo.db')
    code, report, text = _verify(district, program, copy, network)
    named = any((p['stream'] or '').startswith(stream) and p['index'] == index for p in report.get('problems', []))
    where = f'{stream[:16]}…/{index}'
    if screen.expect(code == DAMAGED and named, screen.text('flip_missed', where=where, code=code, text=text[:500])):
        screen.say('flipped', where=where)
    district.verify_words = [f'{program} --dir {home} --network {network}',
                             f'{program} --dir {copy} --network {network}']


def say_where(district):
    screen = district.screen
    screen.say('data_at', path=district.out)
    program, secret = district.chibo.program, district.secret
    state = f'XDG_STATE_HOME={district.state}'
    home, cell = district.home(DISTRICT), district.cells[0]
    for words in (f'report --dir {home} --table members --period 2019',
                  f'report --dir {home} --table organisations --period 2019 --rows --json',
                  f'cases --dir {home} --state all --period 2019',
                  f'log show --dir {home}',
                  f'status --dir {district.home(cell.code)}',
                  f'member list --dir {district.home(cell.code)} --passphrase-file {secret}'):
        print(f'   {state} {program} {words}')
    for words in district.verify_words:
        print(f'   {words}')
    screen.say('try_serve')
    print(f'   {state} {program} serve --dir {district.home(cell.parent)} --listen 127.0.0.1:7400')
    print(f'   {state} {program} sync --dir {district.home(cell.code)} --parent 127.0.0.1:7400 '
          f'--passphrase-file {secret}')
