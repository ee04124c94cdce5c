#include "sync/session_initiator.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/planted.h"
#include "sync/stream_compare.h"

namespace chibo {
namespace {

// A smaller first message has no room for a chunk's head and something of the chunk.
constexpr std::size_t kNewsBytesMin = 256;
// Beside Hello, of a chunk that does not fit. The parent keeps none of it until it knows that this
// is no replay: a cut before that loses all of it.
constexpr std::size_t kBeginningBytesMax = 2048;
// The parent stops at a window; told at every quarter, it never has to.
constexpr std::uint64_t kAckEvery = limits::kWindowBytes / 4;

// What a chunk's signature says of one that goes on where another branch is held here.
bool MayBeOfAnotherBranch(Code code) {
  return code == Code::kBadSignature || code == Code::kBadProof || code == Code::kBehind;
}

}  // namespace

InitiatorSession::InitiatorSession(const SessionOptions& options, Exchange& exchange,
                                   Random& random, Tick now)
    : SessionCore(options, random, now) {
  CHECK(options.channel.initiator && options.channel.pattern == NoisePattern::kIk);
  SetExchange(exchange);
  if (Status started = Start(); !started) {
    static_cast<void>(FailWith(std::move(started).error(), false));
  }
}

// ---- handshake

Status InitiatorSession::Start() {
  CHIBO_TRY_VALUE(upward_, exchange().Upward());
  for (const HeldStream& stream : upward_) {
    const bool news = stream.size > stream.registered && !stream.forked;
    if (news && news_.size() < static_cast<std::size_t>(kHelloNewsMax)) {
      news_.push_back(stream.id);
      offers_[stream.id].held = stream;
      sender().Enqueue({stream.id, 0, stream.registered, stream.size, 0});
    }
  }
  return WriteHello();
}

Status InitiatorSession::WriteHello() {
  pb::Hello hello;
  for (const StreamId& id : news_) {
    *hello.add_news() = Tell(exchange(), offers_[id].held);
  }
  CHIBO_TRY_VALUE(const SetDigest rest, exchange().UpwardDigest(news_));
  hello.set_rest(DigestPrefix(rest));
  hello.set_lineage(exchange().Lineage());
  if (!hello.lineage().empty()) {
    CHIBO_TRY_VALUE(const SetDigest down, exchange().DownwardDigest());
    hello.set_down(DigestPrefix(down));
    hello.set_cursor(exchange().Cursor());
  }
  if (kDictionaryNewest > kDictionaryBase) {
    hello.set_dictionaries(kDictionaryNewest);
  }
  CHIBO_TRY(DropUselessSpool());
  CHIBO_TRY_VALUE(const auto spooled, UsefulSpool());
  hello.mutable_spooled()->Assign(spooled.begin(), spooled.end());
  if (part_bytes() < kPartBytesDefault) {
    hello.set_part_bytes(static_cast<std::uint32_t>(part_bytes()));
  }
  Bytes payload;
  AppendFrame(payload, FrameType::kHello, CanonicalBytes(hello));
  const std::size_t news_bytes =
      std::min(options().pace.handshake_news_bytes, limits::kHandshakeNewsBytesMax);
  if (news_bytes >= kNewsBytesMin &&
      sender().Fill(payload, payload.size() + news_bytes, kBeginningBytesMax)) {
    PadMessage(payload);
  }
  for (const ChunkSender::Failure& failure : sender().TakeFailures()) {
    CHIBO_TRY(HandleRefusal(failure.stream.view(), failure.error));
  }
  return channel().WriteHandshake(payload);
}

Status InitiatorSession::HandleHandshake(const std::vector<Frame>& frames) {
  Open();
  const auto type = frames.empty() ? FrameType::kPadding : static_cast<FrameType>(frames[0].type);
  if (type == FrameType::kEnd) {
    return TakeFrames(frames);
  }
  if (type != FrameType::kWelcome) {
    return Fail(Code::kMalformed, "welcome_missing");
  }
  CHIBO_TRY_VALUE(const auto welcome, ParseBody<pb::Welcome>(frames[0].body));
  if (welcome.retry_after_s() > 0) {
    set_retry_after_s(welcome.retry_after_s());
    return FailWith({Code::kBusy, "parent_is_busy", {}}, false);
  }
  CHIBO_TRY(HandleWelcome(welcome));
  return TakeFrames(std::span(frames).subspan(1));
}

Status InitiatorSession::HandleWelcome(const pb::Welcome& welcome) {
  const Bytes ours = exchange().Lineage();
  if (welcome.held_size() != static_cast<int>(news_.size()) ||
      welcome.spooled().size() > static_cast<int>(kSpooledMax) || welcome.lineage().size() > 8) {
    return Fail(Code::kMalformed, "welcome_malformed");
  }
  sender().set_window(welcome.credit() == 0
                          ? limits::kWindowBytes
                          : std::min<std::size_t>(welcome.credit(), limits::kWindowBytes));
  sender().set_dictionary_max(
      std::clamp(welcome.dictionaries(), kDictionaryBase, kDictionaryNewest));
  sender().set_spooled({welcome.spooled().begin(), welcome.spooled().end()});
  lineage_ = welcome.lineage().empty() ? ours : welcome.lineage();
  head_ = welcome.head();
  if (ours.empty() || lineage_ == ours) {
    receiver().FollowOutbox(lineage_, ours.empty() ? 0 : exchange().Cursor());
  }
  receiver().StartSpooling();
  sender().Restart();
  for (std::size_t i = 0; i < news_.size(); ++i) {
    const pb::Held& answer = welcome.held(static_cast<int>(i));
    CHIBO_TRY(CheckHeld(answer, false));
    const Offer& offer = offers_[news_[i]];
    if (offer.state != Offer::State::kRefused) {
      CHIBO_TRY(HandleAnswer(HeldStream(offer.held), answer));
    }
  }
  if (welcome.rest_differs()) {
    CHIBO_TRY(SendInventory(true));
  }
  if (welcome.down_differs()) {
    CHIBO_TRY(SendInventory(false));
  } else if (welcome.digest_follows()) {
    down_ = Down::kAwaiting;
  }
  return {};
}

// ---- upward

Status InitiatorSession::HandleAnswer(const HeldStream& mine, const pb::Held& answer) {
  Offer& offer = offers_[mine.id];
  offer.held = mine;
  offer.state = Offer::State::kCovered;
  if (answer.all()) {
    return {};
  }
  if (answer.forked() || mine.forked) {
    return StartSearch(offer);
  }
  if (answer.size() > 0 && answer.size() <= mine.size) {
    CHIBO_TRY_VALUE(const auto root, exchange().RootAt(mine.id, mine.branch, answer.size()));
    if (!root || RootPrefix(*root) != answer.root()) {
      return StartSearch(offer);
    }
  }
  CHIBO_TRY_VALUE(const std::uint64_t from, SendsFrom(mine, answer));
  if (from < mine.size && mine.signed_size < mine.size && answer.size() == mine.size) {
    // Texts are waited for that cannot be sent up to the end: its close is not here.
    QueueNotForMe(mine.id.view(), Code::kBehind);
    return {};
  }
  if (answer.size() > mine.size || answer.again() > 0) {
    Expect(answer, mine.id.view());
  }
  if (from < mine.signed_size) {
    offer.state = Offer::State::kSending;
    sender().Enqueue({mine.id, mine.branch, from, mine.signed_size, 0});
  }
  return {};
}

// Where the parent's copy ends, or the first of its entries without a text that may be here.
Result<std::uint64_t> InitiatorSession::SendsFrom(const HeldStream& mine, const pb::Held& answer) {
  const std::uint64_t end = std::min(answer.size(), mine.size);
  if (!answer.has_lacking()) {
    return end;
  }
  if (answer.size() < mine.size) {
    // As far as the parent's copy goes only this side can compare.
    CHIBO_TRY_VALUE(const auto lacking, exchange().LackingAt(mine.id, mine.branch, answer.size()));
    if (Says(answer, lacking)) {
      return end;
    }
  }
  return std::min(end, answer.lacking().from());
}

Status InitiatorSession::StartSearch(Offer& offer) {
  CHIBO_TRY_VALUE(auto branches, exchange().Branches(offer.held.id));
  std::erase_if(branches, [](const HeldStream& branch) { return branch.signed_size == 0; });
  if (branches.empty()) {
    return Fail(Code::kDamaged, "entries_missing", offer.held.id.hex());
  }
  offer.state = Offer::State::kAsking;
  offer.search.emplace(std::move(branches));
  return AskOn(offer);
}

Status InitiatorSession::AskOn(Offer& offer) {
  const auto question = offer.search->Ask(exchange());
  if (!question && question.error().code == Code::kDamaged) {
    return HandleRefusal(offer.held.id.view(), question.error());
  }
  CHIBO_TRY(question);
  Queue(FrameType::kForkProbe, *question);
  return {};
}

Status InitiatorSession::HandleProbe(const pb::ForkProbe& answer) {
  CHIBO_TRY_VALUE(Offer* const offer, FindOffer(answer.stream()));
  if (offer == nullptr || offer->state != Offer::State::kAsking || !answer.answer()) {
    return Fail(Code::kMalformed, "fork_answer_not_asked");
  }
  CHIBO_TRY(offer->search->HandleAnswer(answer));
  return offer->search->found() ? FinishSearch(*offer) : AskOn(*offer);
}

// Both keep both: ours go up from where they part, the parent's that are not here are asked for.
Status InitiatorSession::FinishSearch(Offer& offer) {
  pb::ForkProbe last;
  last.set_stream(WireName(exchange(), offer.held.id));
  last.set_last(true);
  offer.state = Offer::State::kCovered;
  CHIBO_TRY_VALUE(const ForkSearch::Wanted wanted, offer.search->Compare(exchange()));
  for (const ForkSearch::Shared& shared : offer.search->shared()) {
    const HeldStream& branch = shared.branch;
    const std::uint64_t from = std::min(shared.size, wanted.texts_from);
    if (from < branch.signed_size && CHIBO_PLANT(kOtherBranchKept, true, branch.branch == 0)) {
      CHIBO_TRY_VALUE(const auto root,
                      exchange().RootAt(branch.id, branch.branch, branch.signed_size));
      offer.state = Offer::State::kSending;
      sender().Enqueue({branch.id, branch.branch, from, branch.signed_size, 0});
      last.add_sizes(branch.signed_size);
      last.add_roots(RootPrefix(root.value_or(Hash())));
    }
  }
  for (const pb::Held& theirs : wanted.branches) {
    *last.add_branches() = theirs;
    Expect(theirs, offer.held.id.view());
    last.mutable_branches()->rbegin()->clear_again();
  }
  Queue(FrameType::kForkProbe, last);
  offer.search.reset();
  return {};
}

Status InitiatorSession::HandleAck(const pb::Ack& ack) {
  head_ = std::max(head_, ack.head());
  for (const pb::Held& held : ack.held()) {
    CHIBO_TRY(CheckHeld(held, true));
    CHIBO_TRY_VALUE(Offer* const offer, FindOffer(held.stream()));
    if (offer == nullptr) {
      return Fail(Code::kBadProof, "acknowledged_what_was_not_sent");
    }
    if (offer->state == Offer::State::kRefused) {
      continue;
    }
    CHIBO_TRY(sender().HandleHeld(held));
    if (offer->state == Offer::State::kSending && !sender().concerns(offer->held.id)) {
      offer->state = Offer::State::kCovered;
    }
  }
  return {};
}

Status InitiatorSession::HandleNotForMe(ByteView stream, Code code) {
  CHIBO_TRY_VALUE(Offer* const offer, FindOffer(stream));
  ExpectNotAgain(stream);
  const std::string where = ToHex(stream) + ": " + std::string(Name(code));
  if (offer != nullptr && offer->state != Offer::State::kCovered) {
    sender().Forget(offer->held.id);
    offer->state = Offer::State::kRefused;
    not_received_ = Error{Code::kNotReceived, "parent_refused_records", where};
    return {};
  }
  GiveUpDown({Code::kBehind, "parent_cannot_send_records", where});
  return {};
}

Status InitiatorSession::HandleRefusal(ByteView stream, const Error& error) {
  const Error refused{Code::kBehind, "records_from_above_refused",
                      ToHex(stream) + ": " + std::string(Name(error.code))};
  ExpectNotAgain(stream);
  if (MayBeOfAnotherBranch(error.code)) {
    // Where they part is found from what both hold; what agrees is judged at the end.
    refused_down_ = refused;
    receiver().Release();
    return downward_told_ ? Status() : SendInventory(false);
  }
  QueueNotForMe(stream, error.code);
  CHIBO_TRY_VALUE(Offer* const offer, FindOffer(stream));
  if (offer != nullptr && offer->state != Offer::State::kCovered) {
    offer->state = Offer::State::kRefused;
    not_received_ = error;
    return {};
  }
  GiveUpDown(refused);
  return {};
}

Result<InitiatorSession::Offer*> InitiatorSession::FindOffer(ByteView stream) {
  if (!IsStreamName(stream)) {
    return Fail(Code::kMalformed, "stream_name_malformed");
  }
  CHIBO_TRY_VALUE(const auto found, exchange().Find(stream));
  if (!found) {
    return nullptr;
  }
  const auto offer = offers_.find(found->id);
  return offer == offers_.end() ? nullptr : &offer->second;
}

// ---- both directions, all streams

Status InitiatorSession::SendInventory(bool upward) {
  std::vector<HeldStream> streams;
  if (upward) {
    awaiting_upward_ = true;
    const std::set<StreamId> told(news_.begin(), news_.end());
    std::copy_if(upward_.begin(), upward_.end(), std::back_inserter(streams),
                 [&](const HeldStream& stream) { return !told.contains(stream.id); });
  } else {
    awaiting_downward_ = true;
    downward_told_ = true;
    down_ = Down::kAwaiting;
    CHIBO_TRY_VALUE(streams, exchange().Downward());
  }
  std::vector<pb::Held> held;
  held.reserve(streams.size());
  for (const HeldStream& stream : streams) {
    held.push_back(Tell(exchange(), stream));
  }
  QueueInventory(held, upward);
  return {};
}

Status InitiatorSession::HandleInventory(const pb::Inventory& page) {
  bool& awaiting = page.upward() ? awaiting_upward_ : awaiting_downward_;
  if (!awaiting || page.streams_size() > static_cast<int>(limits::kInventoryPage)) {
    return Fail(Code::kMalformed, "inventory_not_asked");
  }
  for (const pb::Held& answer : page.streams()) {
    CHIBO_TRY(CheckHeld(answer, true));
    CHIBO_TRY_VALUE(const auto mine, exchange().Find(answer.stream()));
    if (mine) {
      CHIBO_TRY(HandleAnswer(*mine, answer));
    } else {
      Expect(answer, answer.stream());
    }
    if (expected_.size() > limits::kStreamsPerDeviceMax) {
      return Fail(Code::kTooLarge, "inventory_too_large");
    }
  }
  awaiting = !page.last();
  return {};
}

void InitiatorSession::Expect(const pb::Held& held, ByteView stream) {
  pb::Held& expected = expected_.emplace_back(held);
  expected.set_stream(Bytes(stream));
  expected_changed_ = true;
}

// ---- downward

Status InitiatorSession::HandleRoleFrame(FrameType type, ByteView body) {
  if (type == FrameType::kInventory) {
    CHIBO_TRY_VALUE(const auto page, ParseBody<pb::Inventory>(body));
    return HandleInventory(page);
  }
  if (type == FrameType::kForkProbe) {
    CHIBO_TRY_VALUE(const auto answer, ParseBody<pb::ForkProbe>(body));
    return HandleProbe(answer);
  }
  CHIBO_TRY_VALUE(auto done, ParseBody<pb::DownDone>(body));
  if (down_ != Down::kAwaiting || awaiting_downward_) {
    return {};  // crossed with something that changed the question
  }
  down_done_ = std::move(done);
  head_ = std::max(head_, down_done_.cursor());
  down_ = Down::kJudging;
  // Its digest is as of what came before it.
  receiver().Hold();
  return {};
}

Status InitiatorSession::HandleStored(const ChunkReceiver::Outcome& outcome) {
  expected_changed_ = true;
  std::vector<pb::Held> left;
  for (pb::Held& expected : expected_) {
    const bool again = expected.again() > 0;
    CHIBO_TRY_VALUE(const bool ends,
                    again ? EndsAgain(exchange(), expected, outcome) : Result<bool>(false));
    if (!ends) {
      left.push_back(std::move(expected));
    }
  }
  expected_ = std::move(left);
  return {};
}

// What is held already is not waited for any more.
void InitiatorSession::ExpectNotAgain(ByteView stream) {
  expected_changed_ = true;
  std::erase_if(expected_, [&](const pb::Held& expected) {
    return expected.again() > 0 &&
           (expected.stream().starts_with(stream) || stream.starts_with(expected.stream()));
  });
}

Status InitiatorSession::HandleReported() {
  if (receiver().cost_done() - cost_acknowledged_ >= kAckEvery) {
    cost_acknowledged_ = receiver().cost_done();
    pb::Ack ack;
    ack.set_bytes(cost_acknowledged_);
    Queue(FrameType::kAck, ack);
  }
  return {};
}

void InitiatorSession::GiveUpDown(Error error) {
  behind_ = std::move(error);
  if (down_ == Down::kGivenUp) {
    return;
  }
  // The parent answers what is refused, and follows what it cannot send, with DownDone once all
  // else is sent.
  down_ = Down::kAwaiting;
  receiver().Release();
}

Status InitiatorSession::Judge() {
  if (!receiver().settled()) {
    return {};
  }
  receiver().Release();
  if (down_ == Down::kMovingCursor) {
    down_ = Down::kAgreed;
    return SubmitReady();
  }
  if (behind_) {
    down_ = Down::kGivenUp;
    return SubmitReady();
  }
  CHIBO_TRY_VALUE(const SetDigest digest, exchange().DownwardDigest());
  if (DigestPrefix(digest) != down_done_.down()) {
    if (!downward_told_) {
      CHIBO_TRY(SendInventory(false));
      return SubmitReady();
    }
    behind_ = refused_down_.value_or(Error{Code::kBehind, "copies_from_above_differ", {}});
    down_ = Down::kGivenUp;
    return SubmitReady();
  }
  const bool moved = exchange().Cursor() != down_done_.cursor() ||
                     (exchange().Lineage() != lineage_ && down_done_.cursor() > 0);
  if (moved) {
    down_ = Down::kMovingCursor;
    receiver().SubmitCursor(down_done_.cursor(), lineage_);
  } else {
    down_ = Down::kAgreed;
  }
  return SubmitReady();
}

// ---- the end

Result<bool> InitiatorSession::IsComplete() {
  const bool offering = std::any_of(offers_.begin(), offers_.end(), [](const auto& offer) {
    return offer.second.state != Offer::State::kCovered &&
           offer.second.state != Offer::State::kRefused;
  });
  if (offering || awaiting_upward_ || awaiting_downward_ || !receiver().settled() ||
      !receiver().between_chunks()) {
    return false;
  }
  if (down_ == Down::kGivenUp) {
    return true;
  }
  if (down_ != Down::kAgreed || exchange().Cursor() < head_) {
    return false;
  }
  if (std::exchange(expected_changed_, false)) {
    std::vector<pb::Held> missing;
    for (const pb::Held& expected : expected_) {
      CHIBO_TRY_VALUE(const auto stream, exchange().Find(expected.stream()));
      bool held = false;
      if (stream && expected.again() == 0) {
        CHIBO_TRY_VALUE(const auto branches, exchange().Branches(stream->id));
        CHIBO_TRY_VALUE(held, HasRootAt(exchange(), branches, expected.size(), expected.root()));
      }
      if (!held) {
        missing.push_back(expected);
      }
    }
    expected_ = std::move(missing);
  }
  return expected_.empty();
}

bool InitiatorSession::WaitsForParent() {
  return receiver().settled() || !receiver().between_chunks() || down_ == Down::kAwaiting ||
         receiver().cursor() < head_;
}

Status InitiatorSession::Continue() {
  if (down_ == Down::kJudging || down_ == Down::kMovingCursor) {
    CHIBO_TRY(Judge());
  }
  CHIBO_TRY_VALUE(const bool complete, IsComplete());
  if (!complete) {
    // The parent says no more before it knows that Welcome has arrived.
    if (!transmitted() && !confirming_ && WaitsForParent()) {
      confirming_ = true;
      Queue(FrameType::kConfirm, pb::Confirm());
    }
    return {};
  }
  if (not_received_) {
    return tl::unexpected(*not_received_);
  }
  if (behind_) {
    return tl::unexpected(*behind_);
  }
  Finish();
  return {};
}

}  // namespace chibo
