#include <sys/stat.h>

#include <string>
#include <vector>

#include "node/cli/run.h"

int main(int argc, char** argv) {
  // What this program writes is its owner's alone.
  umask(077);
  return chibo::RunProgram(std::vector<std::string>(argv + 1, argv + argc));
}
