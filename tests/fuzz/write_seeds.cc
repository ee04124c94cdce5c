// write_seeds DIR: writes the seeds of every target to DIR/<target>/seed_<name>.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "proto/crypto.h"
#include "tests/fuzz/targets.h"

int main(int count, char** words) {
  if (count != 2) {
    std::fputs("usage: write_seeds DIR\n", stderr);
    return 1;
  }
  chibo::InitCrypto();
  for (const chibo::fuzz::Target& target : chibo::fuzz::Targets()) {
    const std::filesystem::path folder = std::filesystem::path(words[1]) / target.name;
    std::filesystem::create_directories(folder);
    for (const auto& [name, bytes] : chibo::fuzz::SeedsOf(target.name)) {
      std::ofstream(folder / ("seed_" + name), std::ios::binary) << bytes;
    }
  }
  return 0;
}
