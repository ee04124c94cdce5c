"""tools/demo: one district's year, end to end. Read in this order: district, year, outcome, proof; relay, program."""
import argparse
import os
import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import outcome  # noqa: E402: they lie beside this file
import proof  # noqa: E402
import year  # noqa: E402
from district import TOOLS, District  # noqa: E402
from program import CommandFailed  # noqa: E402
from screen import Screen  # noqa: E402

ROOT = os.path.dirname(TOOLS)


def _options():
    parser = argparse.ArgumentParser(
        prog='tools/demo', formatter_class=argparse.RawDescriptionHelpFormatter,
        description='Records, syncs, decides and prints one district\'s year 2019 with chibo, on a bad line.\n'
                    'Builds chibo into build/ when that is missing; CHIBO_BIN names a program built already.',
        epilog='Examples:\n  tools/demo\n  tools/demo --scale 0.05 --seed 7 --lang en')
    parser.add_argument('--scale', type=float, default=1.0, help='how much of the district, 0.05 to 1 (1)')
    parser.add_argument('--seed', type=int, default=1, help='of the invented people and of the line (1)')
    parser.add_argument('--dir', default=os.path.join(ROOT, 'build', 'demo-data'),
                        help='where the data goes; cleared only if an earlier run made it (build/demo-data)')
    parser.add_argument('--inputs', metavar='DIR',
                        help='papers that tools/make_province has made, perhaps changed by hand; in place of new ones')
    parser.add_argument('--delay', type=int, default=600, metavar='MS', help='the line\'s round trip (600)')
    parser.add_argument('--air', type=int, default=32, metavar='N', help='cells that sync at a time (32)')
    parser.add_argument('--until', choices=['arrival', 'decide'], help='stop after that phase')
    parser.add_argument('--keep', action='store_true', help='keep what an earlier run left in --dir, under another name')
    parser.add_argument('--lang', choices=['vi', 'en'],
                        default='en' if os.environ.get('LANG', '').startswith('en') else 'vi')
    options = parser.parse_args()
    if not 0.05 <= options.scale <= 1:
        parser.error('--scale: 0.05 to 1')
    options.program = os.environ.get('CHIBO_BIN') or os.path.join(ROOT, 'build', 'bin', 'chibo')
    if not os.access(options.program, os.X_OK):
        parser.error(f'{options.program} cannot be run: build it, or name it with CHIBO_BIN')
    return options


def _run(options, district):
    screen = district.screen
    screen.phase('enrol')
    district.enrol()
    screen.phase('rosters')
    district.import_rosters()
    screen.phase('person_keys')
    district.certify_signers()
    screen.phase('postings')
    year.postings(district)
    screen.phase('year')
    year.record_year(district)
    screen.phase('arrival', delay=options.delay, air=options.air)
    year.arrive(district)
    if options.until == 'arrival':
        return
    screen.phase('after')
    year.settle(district)
    screen.phase('cases')
    outcome.show_cases(district)
    screen.phase('decide')
    outcome.decide(district)
    screen.phase('late')
    outcome.late(district)
    if options.until == 'decide':
        return
    screen.phase('down')
    outcome.bring_down(district)
    screen.phase('table')
    outcome.show_table(district, options.scale == 1 and not options.inputs)
    screen.phase('verify')
    proof.verify(district)


def _end(*_):
    raise KeyboardInterrupt


def main():
    options = _options()
    # Ended from outside: the servers end too.
    signal.signal(signal.SIGTERM, _end)
    screen = Screen(options.lang)
    screen.line(screen.text('notice'))
    screen.line(screen.text('cheap'))
    if options.inputs:
        screen.phase('given', path=options.inputs)
    else:
        screen.phase('inputs', scale=str(options.scale), seed=str(options.seed))
    district = District(options, screen)
    screen.say('made', cells=len(district.cells), bodies=len(district.bodies))
    try:
        _run(options, district)
        screen.end_phase()
        proof.say_where(district)
    except (CommandFailed, OSError) as failed:
        screen.end_phase()
        screen.expect(False, str(failed))
    except KeyboardInterrupt:
        screen.end_phase()
        screen.expect(False, 'Ctrl-C')
    finally:
        district.stop()
    screen.say('done', seconds=f'{screen.elapsed():.0f}', runs=district.chibo.runs)
    return 1 if screen.failures else 0


if __name__ == '__main__':
    sys.exit(main())
