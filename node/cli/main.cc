#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "node/cli/run.h"

namespace {

// What this program writes is its owner's alone, and what it has in memory (keys, contents) lies in
// no core file and is shown to no other process of the same user.
void KeepToOwner() {
  umask(077);
  const rlimit none{};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

// Where the caller closed input, output or errors, the next file opened would take that number, and
// what is printed would land in it. What is printed nowhere counts as lost.
void OccupyStandardStreams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) == -1) {
      const int taken = open(descriptor == STDOUT_FILENO ? "/dev/full" : "/dev/null", O_RDWR);
      static_cast<void>(taken);  // the lowest free number: this one
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  OccupyStandardStreams();
  KeepToOwner();
  // A file that may not grow is a disk that is full: said so, not died of.
  std::signal(SIGXFSZ, SIG_IGN);
  return chibo::RunProgram(std::vector<std::string>(argv + 1, argv + argc));
}
