#ifndef CHIBO_NODE_NET_SYSTEM_H_
#define CHIBO_NODE_NET_SYSTEM_H_

#include <asio/signal_set.hpp>
#include <cstddef>

#include "base/random.h"
#include "base/time.h"

// The operating system's clock, randomness and limits: asked here and nowhere below.
namespace chibo {

class SystemClock final : public Clock {
 public:
  Timestamp Now() const override;
  Tick Elapsed() const override;
};

// For keys. Thread-safe.
class SystemRandom final : public Random {
 public:
  void Fill(unsigned char* out, std::size_t size) override;
};

// The signals that ask this process to end in good order: an interrupt, a shutdown, and a terminal
// that went away, unless whoever started the process had it not mind that (nohup).
void AddEndings(asio::signal_set& signals);

// How many descriptors this process may have open: raised first as far as the system lets it and a
// server has use for.
std::size_t OpenFilesMax();

}  // namespace chibo

#endif  // CHIBO_NODE_NET_SYSTEM_H_
