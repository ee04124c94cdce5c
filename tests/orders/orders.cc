#include "tests/orders/orders.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/domain/random_province.h"
#include "tests/must.h"
#include "tests/node/observer.h"
#include "tests/remembered_signatures.h"

namespace chibo::orders {
namespace {

constexpr std::uint64_t kPapers = 24;
constexpr std::uint64_t kChunkEntriesMax = 4;
const Timestamp kNow{Duration(1'575'500'000'000)};

// Never the same for two sets or orders of one province.
SeededRandom DiceFor(std::uint64_t seed, std::uint64_t set, std::uint64_t order) {
  Bytes place;
  AppendU64(place, seed);
  AppendU64(place, set);
  AppendU64(place, order);
  return SeededRandom(ReadU64(Sha256({"orders", place}).view()));
}

Settings SettingsOf(RandomProvince& random) {
  Settings settings;
  settings.network = random.network().id();
  settings.network_name = "Mạng thử";
  settings.unit = random.province.province.unit;
  settings.unit_code = "tinh";
  settings.unit_name = "tinh";
  settings.role = pb::SECRETARY;  // it registers nothing
  return settings;
}

}  // namespace

struct Orders::Province {
  explicit Province(std::uint64_t number)
      : seed(number), random(number, kPapers), settings(SettingsOf(random)) {}

  // Signed once, however often it is handed over.
  const Signature& SignatureOf(const TestStream& stream, std::uint32_t branch, std::uint64_t size) {
    auto [at, fresh] = signatures.try_emplace({stream.id(), branch, size});
    if (fresh) {
      at->second = stream.Sign(size, branch);
    }
    return at->second;
  }

  std::uint64_t seed;
  RandomProvince random;
  Settings settings;
  std::map<std::tuple<StreamId, std::uint32_t, std::uint64_t>, Signature> signatures;
};

// Entries [from, to) of a branch.
struct Orders::Piece {
  const TestStream* stream = nullptr;
  std::uint32_t branch = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;

  SubmittedChunk Submit(Province& province) const {
    SubmittedChunk submitted;
    submitted.from_parent = true;
    submitted.chunk.stream = Bytes(stream->id().view());
    submitted.chunk.from = from;
    for (std::uint64_t index = from; index < to; ++index) {
      const Entry& entry = stream->At(index, branch);
      submitted.chunk.entries.push_back({entry.header, EncodeBody(entry)});
    }
    submitted.chunk.close.signed_size = to;
    submitted.chunk.close.signature = province.SignatureOf(*stream, branch, to);
    submitted.chunk.secrets = stream->secrets();
    return submitted;
  }
};

namespace {

// What a node holds, however it numbers branches.
using Held = std::map<StreamId, std::uint64_t>;

Held HeldBy(const Replica& replica) {
  Held held;
  for (const Stream* stream : replica.streams().All()) {
    for (const BranchRow& branch : stream->branches) {
      held[stream->id] += branch.peaks.size() - branch.fork_at;
    }
  }
  return held;
}

}  // namespace

Orders::Orders(std::uint64_t seed) : province_(std::make_unique<Province>(seed)) {
  ForgetSignatures();
}
Orders::~Orders() = default;

Observer& Orders::BeginAnew(Random& random) {
  if (observer_ == nullptr) {
    observer_ = std::make_unique<Observer>(province_->settings, random);
  } else {
    observer_->BeginAnew(random);
  }
  return *observer_;
}

// What is taken, cut anywhere, in any order.
std::vector<Orders::Piece> Orders::Shuffled(const Parts& parts, SeededRandom& dice) const {
  std::vector<Piece> pieces;
  auto part = parts.begin();
  for (const TestStream& stream : province_->random.network().streams()) {
    for (const BranchState& branch : stream.State().branches) {
      for (std::uint64_t from = part->first; from < part->second;) {
        const std::uint64_t to = std::min(part->second, from + 1 + dice.Below(kChunkEntriesMax));
        pieces.push_back({&stream, branch.branch, from, to});
        from = to;
      }
      ++part;
    }
  }
  for (std::size_t i = pieces.size(); i > 1; --i) {
    std::swap(pieces[i - 1], pieces[dice.Below(i)]);
  }
  return pieces;
}

// In batches of any size, with restarts. What waits for something that is not in the set waits for
// ever.
void Orders::Feed(std::vector<Piece> waiting, Observer& observer, SeededRandom& dice) {
  for (std::size_t fruitless = 0; !waiting.empty() && fruitless <= waiting.size();) {
    const auto count = static_cast<std::ptrdiff_t>(1 + dice.Below(waiting.size()));
    std::vector<SubmittedChunk> batch;
    std::transform(waiting.begin(), waiting.begin() + count, std::back_inserter(batch),
                   [this](const Piece& piece) { return piece.Submit(*province_); });
    const auto reports = observer.replica().Ingest(std::move(batch), kNow);
    std::vector<Piece> early;
    for (std::size_t i = 0; i < reports.size(); ++i) {
      if (reports[i].error) {
        early.push_back(waiting[i]);
      } else {
        entries_ += waiting[i].to - waiting[i].from;
      }
    }
    fruitless = early.size() == reports.size() ? fruitless + early.size() : 0;
    early_ += early.size();
    waiting.erase(waiting.begin(), waiting.begin() + count);
    waiting.insert(waiting.end(), early.begin(), early.end());
    if (dice.Below(8) == 0) {
      observer.Start();
      ++restarts_;
    }
  }
}

std::optional<std::string> Orders::Run(std::uint64_t set, std::uint32_t orders) {
  // Of each branch as much as the dice say, from nothing to all; of many nothing, but seldom of
  // what committees say to all below them, on which most else rests.
  SeededRandom chosen = DiceFor(province_->seed, set, 0);
  Parts parts;
  for (const TestStream& stream : province_->random.network().streams()) {
    for (const BranchState& branch : stream.State().branches) {
      const std::uint64_t own = branch.size - branch.fork_at;
      const bool left_out =
          stream.State().kind == pb::DOWN ? chosen.Below(4) == 0 : chosen.Below(4) != 0;
      const std::uint64_t taken = chosen.Below(own + 1);
      parts.emplace_back(branch.fork_at, branch.fork_at + (left_out ? 0 : taken));
    }
  }
  std::optional<Hash> digest;
  std::optional<Held> held;
  for (std::uint32_t order = 1; order <= orders; ++order) {
    SeededRandom dice = DiceFor(province_->seed, set, order);
    std::vector<Piece> pieces = Shuffled(parts, dice);
    Observer& observer = BeginAnew(dice);
    Feed(std::move(pieces), observer, dice);
    const Held now = HeldBy(observer.replica());
    const Hash view = observer.Digest();
    const auto streams = observer.replica().streams().All();
    forks_ += static_cast<std::uint64_t>(std::count_if(
        streams.begin(), streams.end(), [](const Stream* stream) { return stream->forked(); }));
    if (held.value_or(now) != now) {
      return "order " + std::to_string(order) + " leaves other entries than the first";
    }
    if (digest.value_or(view) != view) {
      return "order " + std::to_string(order) + " gives another view than the first";
    }
    if (order == orders) {
      Must(observer.replica().RebuildView());
      if (observer.Digest() != view) {
        return "the view rebuilt is another";
      }
    }
    held = now;
    digest = view;
  }
  return std::nullopt;
}

}  // namespace chibo::orders
