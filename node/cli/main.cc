#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

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

}  // namespace

int main(int argc, char** argv) {
  KeepToOwner();
  // A file that may not grow is a disk that is full: said so, not died of.
  std::signal(SIGXFSZ, SIG_IGN);
  return chibo::RunProgram(std::vector<std::string>(argv + 1, argv + argc));
}
