"""chibo-verify on the district's data, and on a copy in which one byte of one record is another."""
import os
import shutil
import sqlite3
import subprocess

from district import DISTRICT


def verify(district):
    pass


def say_where(district):
    screen = district.screen
    screen.say('data_at', path=district.out)
    program, secret = district.chibo.program, district.secret
    home = district.home
    for words in (f'report --dir {home(DISTRICT)} --table members --period 2019',
                  f'report --dir {home(DISTRICT)} --table organisations --period 2019 --rows --json',
                  f'cases --dir {home(DISTRICT)} --state all',
                  f'log show --dir {home(DISTRICT)}',
                  f'status --dir {home(district.cells[0].code)}',
                  f'member list --dir {home(district.cells[0].code)} --passphrase-file {secret}'):
        print(f'   {program} {words}')
