#include "node/net/system.h"

#include <sys/random.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace chibo {

Timestamp SystemClock::Now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Tick SystemClock::Elapsed() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

void SystemRandom::Fill(unsigned char* out, std::size_t size) {
  while (size > 0) {
    const ssize_t drawn = getrandom(out, size, 0);
    // Fails only on kernels too old to run this program.
    CHECK(drawn > 0 || errno == EINTR);
    if (drawn > 0) {
      out += drawn;
      size -= static_cast<std::size_t>(drawn);
    }
  }
}

void AddEndings(asio::signal_set& signals) {
  signals.add(SIGINT);
  signals.add(SIGTERM);
  struct sigaction hangup = {};
  if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) {
    signals.add(SIGHUP);
  }
}

std::size_t OpenFilesMax() {
  // More than a server has use for; few systems give less when asked.
  constexpr rlim_t kEnough = 4096;
  rlimit files{};
  CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
  if (files.rlim_cur < kEnough) {
    rlimit more = files;
    more.rlim_cur = std::min(kEnough, files.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &more) == 0) {
      files = more;
    }
  }
  return files.rlim_cur;
}

}  // namespace chibo
