// Random lives of the real store on a disk that fails and forgets (store_life.h): how many were
// run, how fast, and what was lost.
#include <malloc.h>
#include <sys/resource.h>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "proto/crypto.h"
#include "tests/disk/store_life.h"

namespace chibo::test {
namespace {

struct Wanted {
  std::uint64_t seed = 1;
  std::uint64_t cases = 10'000;
  double seconds = 0;  // no end by time
  bool json = false;
  std::string pragma;
  std::string commit;
};

bool Number(const char* text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), out);
  return error == std::errc() && *end == '\0' && end != text;
}

bool Parse(int count, char** words, Wanted& wanted) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--json") {
      wanted.json = true;
      continue;
    }
    if (i + 1 == count) {
      return false;
    }
    const char* value = words[++i];
    std::uint64_t number = 0;
    if (word == "--commit") {
      wanted.commit = value;
    } else if (word == "--pragma") {
      wanted.pragma = value;
    } else if (!Number(value, number)) {
      return false;
    } else if (word == "--seed") {
      wanted.seed = number;
    } else if (word == "--cases") {
      wanted.cases = number;
    } else if (word == "--seconds") {
      wanted.seconds = static_cast<double>(number);
    } else {
      return false;
    }
  }
  return true;
}

// Thousands of stores a second are opened and closed here: what they take of memory is not given
// back to the system each time, and SQLite's pages have a place of their own. One thread, and
// nobody asks SQLite how much memory it has.
void KeepMemoryAtHand() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  constexpr int kPages = 256;
  int head = 0;
  sqlite3_config(SQLITE_CONFIG_PCACHE_HDRSZ, &head);
  const int page = 4096 + head;
  static std::vector<std::max_align_t> pages(static_cast<std::size_t>(page) * kPages /
                                             sizeof(std::max_align_t));
  sqlite3_config(SQLITE_CONFIG_PAGECACHE, pages.data(), page, kPages);
  sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

unsigned long long ULL(std::uint64_t number) { return number; }

double ProcessorSeconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

int Run(const Wanted& wanted) {
  using Clock = std::chrono::steady_clock;
  const auto begun = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - begun).count(); };
  TestStream stream(7);
  std::uint64_t seed = wanted.seed;
  std::uint64_t cases = 0;
  std::uint64_t faults = 0;
  std::uint64_t acknowledged = 0;
  std::vector<std::string> lost;
  for (; cases < wanted.cases && (wanted.seconds == 0 || elapsed() < wanted.seconds); ++seed) {
    const PowerCases some = RunPowerCases(seed, stream, wanted.pragma);
    cases += some.cases;
    faults += some.faults;
    acknowledged += some.acknowledged;
    if (!some.wrong.empty()) {
      lost.push_back("seed " + std::to_string(seed) + ": " + some.wrong + " (" + some.text + ")");
    }
  }
  const double processor = ProcessorSeconds();
  const double rate = static_cast<double>(cases) / (processor > 0 ? processor : 1);
  if (wanted.json) {
    const nlohmann::json told{
        {"cases", cases},       {"first", wanted.seed},         {"seeds", seed - wanted.seed},
        {"faults", faults},     {"acknowledged", acknowledged}, {"lost", lost},
        {"seconds", elapsed()}, {"processor", processor},       {"commit", wanted.commit}};
    std::puts(told.dump().c_str());
  } else {
    for (const std::string& one : lost) {
      std::puts(one.c_str());
    }
    std::printf(
        "%llu cases of seeds %llu to %llu, %llu faults met, %llu entries acknowledged, %zu "
        "lost; %.0f cases a second of one core, %.1f s\n",
        ULL(cases), ULL(wanted.seed), ULL(seed - 1), ULL(faults), ULL(acknowledged), lost.size(),
        rate, elapsed());
  }
  return lost.empty() ? 0 : 3;
}

}  // namespace
}  // namespace chibo::test

int main(int count, char** words) {
  chibo::test::Wanted wanted;
  if (!chibo::test::Parse(count, words, wanted)) {
    std::fputs("tests/disk/run --help shows how.\n", stderr);
    return 1;
  }
  chibo::test::KeepMemoryAtHand();
  chibo::InitCrypto();
  return chibo::test::Run(wanted);
}
