#include "sync/session_responder.h"

#include <algorithm>
#include <utility>

#include "base/planted.h"
#include "sync/stream_compare.h"

namespace chibo {
namespace {

constexpr std::size_t kOutboxPage = 64;
// A child lists what it holds once a direction and session; a province lists less than this.
constexpr std::size_t kInventoryStreamsMax = 1024 * 1024;

}  // namespace

ResponderSession::ResponderSession(const SessionOptions& options, Random& random, Tick now)
    : SessionCore(options, random, now) {
  CHECK(!options.channel.initiator);
}

// ---- handshake

Status ResponderSession::HandleHandshake(const std::vector<Frame>& frames) {
  if (!channel().remote_static()) {
    return Fail(Code::kUnsupported, "pairing_not_expected");
  }
  if (options().retry_after_s > 0) {
    pb::Welcome busy;
    busy.set_retry_after_s(options().retry_after_s);
    Queue(FrameType::kWelcome, busy);
    Bytes payload;
    AppendQueued(payload);
    CHIBO_TRY(channel().WriteHandshake(payload));
    return FailWith({Code::kBusy, "told_to_come_back", {}}, false);
  }
  CHIBO_TRY(Admit());
  if (frames.empty() || frames[0].type != static_cast<std::uint8_t>(FrameType::kHello)) {
    return Fail(Code::kMalformed, "hello_missing");
  }
  CHIBO_TRY_VALUE(hello_, ParseBody<pb::Hello>(frames[0].body));
  CHIBO_TRY(HandleHello(hello_));
  const std::span<const Frame> rest = std::span(frames).subspan(1);
  for (const Frame& frame : rest) {
    const bool chunk = frame.type == static_cast<std::uint8_t>(FrameType::kChunkHead) ||
                       frame.type == static_cast<std::uint8_t>(FrameType::kChunkPart);
    if (!chunk && frame.type % 2 != 0) {
      return Fail(Code::kMalformed, "frame_out_of_place");
    }
  }
  CHIBO_TRY(TakeFrames(rest));
  return HandleReported();
}

Status ResponderSession::Admit() {
  CHECK(options().admit != nullptr);
  CHIBO_TRY_VALUE(Exchange* const exchange, options().admit(*channel().remote_static()));
  CHECK(exchange != nullptr);
  SetExchange(*exchange);
  return {};
}

Status ResponderSession::HandleHello(const pb::Hello& hello) {
  if (hello.news_size() > kHelloNewsMax || hello.spooled_size() > static_cast<int>(kSpooledMax)) {
    return Fail(Code::kTooLarge, "hello_too_large");
  }
  const std::size_t down_bytes = hello.lineage().empty() ? 0 : kDigestPrefixBytes;
  if (hello.rest().size() != kDigestPrefixBytes || hello.down().size() != down_bytes ||
      hello.lineage().size() > 8) {
    return Fail(Code::kMalformed, "hello_malformed");
  }
  for (const pb::Held& held : hello.news()) {
    CHIBO_TRY(CheckHeld(held, true));
    if (held.size() == 0 || held.forked() || held.all()) {
      return Fail(Code::kMalformed, "hello_malformed");
    }
  }
  if (hello.part_bytes() > 0) {
    set_part_bytes(std::min<std::size_t>(hello.part_bytes(), part_bytes()));
    welcome_bytes_ = std::min<std::size_t>(hello.part_bytes(), welcome_bytes_);
  }
  sender().set_dictionary_max(std::clamp(hello.dictionaries(), kDictionaryBase, kDictionaryNewest));
  sender().set_spooled({hello.spooled().begin(), hello.spooled().end()});
  // Before its news are committed: they bring register entries, which change the outbox.
  const bool same_lineage = !hello.lineage().empty() && hello.lineage() == exchange().Lineage();
  if (same_lineage && hello.cursor() == exchange().Cursor()) {
    CHIBO_TRY_VALUE(const SetDigest down, exchange().DownwardDigest());
    down_agrees_ = DigestPrefix(down) == hello.down();
    down_differs_ = !down_agrees_;
  } else if (!hello.lineage().empty()) {
    // Its cursor means nothing in this outbox: lists are shorter than everything from the start.
    down_differs_ = !same_lineage || hello.cursor() > exchange().Cursor();
  }
  feeding_ = !down_differs_;
  sent_cursor_ = hello.lineage().empty() ? 0 : hello.cursor();
  return {};
}

Status ResponderSession::AnswerNews(pb::Welcome& welcome) {
  for (const pb::Held& told : hello_.news()) {
    CHIBO_TRY_VALUE(const auto mine, exchange().Find(told.stream()));
    CHIBO_TRY_VALUE(auto answer, Answer(mine, told));
    pb::Held& held = *welcome.add_held();
    if (answer) {
      held = *std::move(answer);
      held.clear_stream();
    } else {
      held.set_all(true);
    }
  }
  return {};
}

Result<std::optional<pb::Held>> ResponderSession::Answer(const std::optional<HeldStream>& held,
                                                         const pb::Held& told) {
  CHIBO_TRY_VALUE(const Standing standing, Compare(exchange(), held, told));
  const bool same = standing == Standing::kSame;
  if (same && (!held || held->forked)) {
    return std::nullopt;
  }
  if (same || standing == Standing::kPeerLacks) {
    return AnswerWithTail(*held, told);
  }
  pb::Held answer;
  if (held) {
    answer = Tell(exchange(), *held);
  }
  answer.set_stream(told.stream());
  answer.set_forked(standing == Standing::kForked);
  if (standing == Standing::kForked) {
    searches_.insert(held->id);
  }
  return answer;
}

Result<std::optional<pb::Held>> ResponderSession::AnswerWithTail(const HeldStream& mine,
                                                                 const pb::Held& told) {
  std::optional<LackingText> lacking;
  bool texts_differ = false;
  if (!mine.forked) {
    CHIBO_TRY_VALUE(lacking, exchange().LackingAt(mine.id, mine.branch, told.size()));
    texts_differ = !Says(told, lacking);
  }
  // What cannot be proven to anybody yet is not said.
  const bool tail = CHIBO_PLANT(kTailNotGivenBack, mine.signed_size > told.size(), false);
  if (!tail && !texts_differ) {
    return std::nullopt;
  }
  pb::Held answer;
  answer.set_stream(told.stream());
  answer.set_size(tail ? mine.signed_size : told.size());
  CHIBO_TRY_VALUE(const auto root, exchange().RootAt(mine.id, mine.branch, answer.size()));
  answer.set_root(RootPrefix(root.value_or(Hash())));
  if (texts_differ && lacking) {
    *answer.mutable_lacking() = ToMessage(*lacking);
  }
  std::uint64_t from = told.size();
  if (texts_differ && told.has_lacking()) {
    from = std::min(from, told.lacking().from());
    answer.set_again(tail || from >= mine.signed_size ? 0 : mine.signed_size);
  }
  SendTail(mine, from);
  return answer;
}

Status ResponderSession::SendWelcome() {
  pb::Welcome welcome;
  CHIBO_TRY(AnswerNews(welcome));
  std::vector<StreamId> news;
  for (const pb::Held& told : hello_.news()) {
    CHIBO_TRY_VALUE(const auto mine, exchange().Find(told.stream()));
    if (mine) {
      news.push_back(mine->id);
    }
  }
  CHIBO_TRY_VALUE(const SetDigest rest, exchange().UpwardDigest(news));
  welcome.set_rest_differs(DigestPrefix(rest) != hello_.rest());
  welcome.set_down_differs(down_differs_);
  done_owed_ = done_owed_ || (!down_agrees_ && !down_differs_);
  welcome.set_digest_follows(done_owed_);
  if (hello_.lineage() != exchange().Lineage()) {
    welcome.set_lineage(exchange().Lineage());
  }
  welcome.set_head(exchange().Cursor());
  welcome.set_credit(options().credit_bytes);
  CHIBO_TRY_VALUE(const auto spooled, UsefulSpool());
  welcome.mutable_spooled()->Assign(spooled.begin(), spooled.end());
  if (kDictionaryNewest > kDictionaryBase) {
    welcome.set_dictionaries(kDictionaryNewest);
  }
  Bytes payload;
  AppendFrame(payload, FrameType::kWelcome, CanonicalBytes(welcome));
  // Refusals of what came beside Hello stand behind Welcome, chunks behind them.
  AppendQueued(payload);
  const std::size_t payload_bytes_max =
      std::min(payload.size() + welcome_bytes_, kHandshakePayloadBytesMax - 64);
  bool more = true;
  bool chunks = false;
  while (more) {
    chunks = sender().Fill(payload, payload_bytes_max, payload_bytes_max) || chunks;
    for (const ChunkSender::Failure& failure : sender().TakeFailures()) {
      CHIBO_TRY(HandleRefusal(failure.stream.view(), failure.error));
    }
    more = false;
    if (sender().idle()) {
      CHIBO_TRY_VALUE(more, FeedOutbox());
    }
  }
  if (sender().idle() && searches_.empty()) {
    CHIBO_TRY(TellDownDone());
  }
  if (payload.size() + 64 < kHandshakePayloadBytesMax) {
    AppendQueued(payload);
  }
  if (chunks) {
    PadMessage(payload);
  }
  CHIBO_TRY(channel().WriteHandshake(payload));
  Open();
  return {};
}

Status ResponderSession::HandleTransport() {
  // Only who has opened Welcome, now, can write one: nobody replays an old first message so far.
  if (confirmed_) {
    return {};
  }
  confirmed_ = true;
  receiver().StartSpooling();
  return DropUselessSpool();
}

// ---- upward

Status ResponderSession::HandleStored(const ChunkReceiver::Outcome& outcome) {
  CHECK(outcome.held.has_value());
  const HeldStream& held = *outcome.held;
  if (!missing_.empty()) {
    CHIBO_TRY(ForgetMissing(outcome));
  }
  if (phase() == Phase::kHandshake) {
    return {};  // Welcome will say it
  }
  CHIBO_TRY_VALUE(const auto root, exchange().RootAt(held.id, held.branch, outcome.to));
  if (!root) {
    // What is held now does not reach as far as the chunk: no answer that covers it.
    QueueNotForMe(outcome.stream, Code::kBehind);
    return {};
  }
  pb::Held& stored = *ack_.add_held();
  stored.set_stream(outcome.stream);
  stored.set_size(outcome.to);
  stored.set_root(RootPrefix(*root));
  return {};
}

Status ResponderSession::HandleReported() {
  if (phase() == Phase::kHandshake) {
    return receiver().settled() ? SendWelcome() : Status();
  }
  if (ack_.held_size() > 0) {
    ack_.set_head(exchange().Cursor());
    Queue(FrameType::kAck, std::exchange(ack_, {}));
  }
  return {};
}

Status ResponderSession::ForgetMissing(const ChunkReceiver::Outcome& outcome) {
  CHIBO_TRY_VALUE(const auto branches, exchange().Branches(outcome.held->id));
  std::vector<pb::Held> left;
  for (const pb::Held& missing : missing_) {
    bool held = false;
    if (missing.again() > 0) {
      CHIBO_TRY_VALUE(held, EndsAgain(exchange(), missing, outcome));
    } else if (outcome.held->id.view().starts_with(missing.stream())) {
      CHIBO_TRY_VALUE(held, HasRootAt(exchange(), branches, missing.size(), missing.root()));
    }
    if (!held) {
      left.push_back(missing);
    } else if (missing.has_lacking() && missing.again() == 0) {
      CHIBO_TRY(SendTexts(missing, *outcome.held));
    }
  }
  missing_ = std::move(left);
  return {};
}

// What the child told of a branch that was shorter here can be compared now.
Status ResponderSession::SendTexts(const pb::Held& told, const HeldStream& mine) {
  CHIBO_TRY_VALUE(const auto lacking, exchange().LackingAt(mine.id, mine.branch, told.size()));
  if (!Says(told, lacking)) {
    CHIBO_TRY_VALUE(const auto branches, exchange().Branches(mine.id));
    for (const HeldStream& branch : branches) {
      if (branch.branch == mine.branch) {
        SendTail(branch, told.lacking().from());
      }
    }
  }
  return {};
}

Status ResponderSession::HandleRefusal(ByteView stream, const Error& error) {
  // Beside Hello a chunk starts where the newest receipt ends. Welcome says where it should have.
  if (phase() == Phase::kHandshake && error.code == Code::kBehind) {
    return {};
  }
  QueueNotForMe(stream, error.code);
  ForgetAbout(stream);
  // Where something of the outbox cannot be sent, the child has to learn that nothing else comes.
  done_owed_ = true;
  return {};
}

Status ResponderSession::HandleNotForMe(ByteView stream, Code) {
  if (!IsStreamName(stream)) {
    return Fail(Code::kMalformed, "stream_name_malformed");
  }
  CHIBO_TRY_VALUE(const auto mine, exchange().Find(stream));
  if (mine) {
    sender().Forget(mine->id);
  }
  ForgetAbout(stream);
  done_owed_ = true;
  return {};
}

// Nothing more is to come of it in this session.
void ResponderSession::ForgetAbout(ByteView stream) {
  std::erase_if(missing_, [&](const pb::Held& held) {
    return held.stream().starts_with(stream) || stream.starts_with(held.stream());
  });
  std::erase_if(searches_, [&](const StreamId& id) { return id.view().starts_with(stream); });
}

void ResponderSession::SendTail(const HeldStream& branch, std::uint64_t from) {
  if (from < branch.signed_size) {
    sender().Enqueue({branch.id, branch.branch, from, branch.signed_size, 0});
  }
}

// ---- both directions, all streams

Status ResponderSession::HandleRoleFrame(FrameType type, ByteView body) {
  if (type == FrameType::kInventory) {
    CHIBO_TRY_VALUE(const auto page, ParseBody<pb::Inventory>(body));
    return HandleInventory(page);
  }
  if (type == FrameType::kForkProbe) {
    CHIBO_TRY_VALUE(const auto question, ParseBody<pb::ForkProbe>(body));
    return HandleProbe(question);
  }
  return Fail(Code::kMalformed, "frame_out_of_place");
}

Status ResponderSession::HandleInventory(const pb::Inventory& page) {
  Listing& listing = page.upward() ? upward_ : downward_;
  if (listing.done || page.streams_size() > static_cast<int>(limits::kInventoryPage)) {
    return Fail(Code::kMalformed, "inventory_not_asked");
  }
  for (const pb::Held& told : page.streams()) {
    CHIBO_TRY(CheckHeld(told, true));
    CHIBO_TRY_VALUE(const auto mine, exchange().Find(told.stream()));
    if (mine) {
      listing.told.insert(mine->id);
    }
    CHIBO_TRY_VALUE(auto answer, Answer(mine, told));
    if (!answer) {
      continue;
    }
    if (listing.answers.size() >= kInventoryStreamsMax) {
      return Fail(Code::kTooLarge, "inventory_too_large");
    }
    // Streams of ours that went further there than here: this node went back in time.
    const bool lost = !page.upward() && !answer->forked() && answer->size() < told.size();
    const bool texts = !page.upward() && answer->has_lacking() && answer->size() >= told.size();
    if ((lost || texts) && missing_.size() < limits::kStreamsPerDeviceMax) {
      pb::Held& missing = missing_.emplace_back(told);
      missing.set_again(texts ? told.size() : 0);
    }
    listing.answers.push_back(*std::move(answer));
  }
  return page.last() ? FinishInventory(page.upward()) : Status();
}

// What was not listed is not held there at all.
Status ResponderSession::FinishInventory(bool upward) {
  Listing& listing = upward ? upward_ : downward_;
  listing.done = true;
  if (upward) {
    for (const pb::Held& told : hello_.news()) {
      CHIBO_TRY_VALUE(const auto mine, exchange().Find(told.stream()));
      if (mine) {
        listing.told.insert(mine->id);
      }
    }
  }
  CHIBO_TRY_VALUE(const auto streams, upward ? exchange().Upward() : exchange().Downward());
  for (const HeldStream& stream : streams) {
    if (stream.signed_size == 0 || listing.told.contains(stream.id)) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto branches, exchange().Branches(stream.id));
    for (const HeldStream& branch : branches) {
      CHIBO_TRY_VALUE(const auto root,
                      exchange().RootAt(branch.id, branch.branch, branch.signed_size));
      if (branch.signed_size == 0 || !root) {
        continue;
      }
      pb::Held& answer = listing.answers.emplace_back();
      answer.set_stream(WireName(exchange(), branch.id));
      answer.set_size(branch.signed_size);
      answer.set_root(RootPrefix(*root));
      SendTail(branch, 0);
    }
  }
  QueueInventory(std::exchange(listing.answers, {}), upward);
  listing.told.clear();
  if (!upward) {
    // Everything up to here is on its way; the outbox goes on from here.
    sent_cursor_ = exchange().Cursor();
    feeding_ = true;
    done_owed_ = true;
  }
  return {};
}

Status ResponderSession::HandleProbe(const pb::ForkProbe& question) {
  if (!IsStreamName(question.stream()) || question.answer() ||
      question.branches_size() > kForkBranchesMax || question.sizes_size() > kForkBranchesMax ||
      question.sizes_size() != question.roots_size()) {
    return Fail(Code::kMalformed, "fork_question_malformed");
  }
  CHIBO_TRY_VALUE(const auto mine, exchange().Find(question.stream()));
  std::vector<HeldStream> branches;
  if (mine) {
    CHIBO_TRY_VALUE(branches, exchange().Branches(mine->id));
  }
  ForkAnswers unknown;
  ForkAnswers& answers = mine ? forks_[mine->id] : unknown;
  if (!question.last()) {
    CHIBO_TRY_VALUE(const pb::ForkProbe answer, answers.Answer(exchange(), branches, question));
    Queue(FrameType::kForkProbe, answer);
    return {};
  }
  for (const pb::Held& wanted : question.branches()) {
    CHIBO_TRY(CheckHeld(wanted, false));
    for (const HeldStream& branch : branches) {
      CHIBO_TRY_VALUE(const auto root,
                      exchange().RootAt(branch.id, branch.branch, branch.signed_size));
      if (branch.signed_size == wanted.size() && root && RootPrefix(*root) == wanted.root()) {
        const std::uint64_t shared = answers.shared(branch.branch);
        SendTail(branch, wanted.has_lacking() ? std::min(shared, wanted.lacking().from()) : shared);
      }
    }
  }
  for (int i = 0; i < question.sizes_size(); ++i) {
    pb::Held& coming = missing_.emplace_back();
    coming.set_stream(question.stream());
    coming.set_size(question.sizes(i));
    coming.set_root(question.roots(i));
    // Held already: it comes for its texts.
    CHIBO_TRY_VALUE(const bool held, HasRootAt(exchange(), branches, coming.size(), coming.root()));
    coming.set_again(held ? coming.size() : 0);
  }
  if (mine) {
    searches_.erase(mine->id);
  }
  return {};
}

// ---- downward

Status ResponderSession::HandleAck(const pb::Ack& ack) {
  if (ack.held_size() > 0) {
    return Fail(Code::kMalformed, "frame_out_of_place");
  }
  sender().HandleDone(ack.bytes());
  return {};
}

Result<bool> ResponderSession::FeedOutbox() {
  if (!feeding_) {
    return false;
  }
  while (sent_cursor_ < exchange().Cursor()) {
    CHIBO_TRY_VALUE(const auto items, exchange().Outbox(sent_cursor_, kOutboxPage));
    if (items.empty()) {
      return Fail(Code::kDamaged, "outbox_item_missing");
    }
    std::vector<SendRange> ranges;
    for (const OutboxRange& item : items) {
      sent_cursor_ = item.seq;
      const bool goes_on = !ranges.empty() && ranges.back().stream == item.stream &&
                           ranges.back().branch == item.branch && ranges.back().to == item.from;
      if (goes_on) {
        ranges.back().to = item.to;
        ranges.back().outbox = item.seq;
      } else if (item.from < item.to) {
        ranges.push_back({item.stream, item.branch, item.from, item.to, item.seq});
      } else if (!ranges.empty()) {
        ranges.back().outbox = item.seq;
      } else {
        done_owed_ = true;  // no chunk will carry the cursor there
      }
    }
    for (const SendRange& range : ranges) {
      sender().Enqueue(range);
    }
    if (!ranges.empty()) {
      return true;
    }
  }
  return false;
}

Status ResponderSession::TellDownDone() {
  if (!done_owed_ || !feeding_ || sent_cursor_ < exchange().Cursor()) {
    return {};
  }
  done_owed_ = false;
  CHIBO_TRY_VALUE(const SetDigest digest, exchange().DownwardDigest());
  pb::DownDone done;
  done.set_cursor(exchange().Cursor());
  done.set_down(DigestPrefix(digest));
  Queue(FrameType::kDownDone, done);
  return {};
}

Status ResponderSession::Continue() {
  CHIBO_TRY_VALUE(const bool more, FeedOutbox());
  if (!more && missing_.empty() && searches_.empty()) {
    return TellDownDone();
  }
  return {};
}

}  // namespace chibo
