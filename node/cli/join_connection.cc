#include "node/cli/join_connection.h"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "node/cli/sync_words.h"
#include "node/enrolment.h"
#include "node/net/dial.h"
#include "node/net/pair_connection.h"

namespace chibo {
namespace {

// An officer reads a list and types a pass-phrase: asking more often helps nobody.
constexpr Duration kAskAgain{2000};

// One connection: calls, pairs, and tells what it waits for.
class PairOnce {
 public:
  PairOnce(const Call& call, Node& node, const Bytes& request, const NetAddress& parent)
      : call_(call),
        engine_(node.replica(), *node.device().noise),
        request_(request),
        parent_(parent),
        dial_(io_),
        silence_(io_) {}

  Result<PairReply> Run() {
    Watch(false, call_.clock.Elapsed(), kDialMax);
    dial_.Start(parent_, [this](Result<asio::ip::tcp::socket> socket) {
      const Status begun =
          socket ? Pair(*std::move(socket)) : tl::unexpected(std::move(socket).error());
      if (!begun) {
        End(tl::unexpected(begun.error()));
      }
    });
    io_.run();
    return std::move(reply_);
  }

 private:
  Status Pair(asio::ip::tcp::socket socket) {
    CHIBO_TRY_VALUE(auto pairing, engine_.DialPairing(request_, call_.clock.Elapsed()));
    const Tick now = call_.clock.Elapsed();
    Watch(true, now, pairing->NextTimeout().value_or(now) - now);
    std::make_shared<PairConnection>(call_.clock, std::move(socket), std::move(pairing),
                                     [this](const Status& status, const Pairing& ended) {
                                       if (ended.reply()) {
                                         End(*ended.reply());
                                       } else if (!status) {
                                         End(tl::unexpected(status.error()));
                                       } else {
                                         End(PairReply());
                                       }
                                     })
        ->Start();
    return {};
  }

  void Watch(bool connected, Tick since, Duration at_most) {
    silence_.expires_after(kSilenceTold);
    silence_.async_wait([this, connected, since, at_most](const asio::error_code& error) {
      if (!error) {
        call_.progress(
            DescribeSilence(call_.texts, {1, connected, call_.clock.Elapsed() - since, at_most}));
        Watch(connected, since, at_most);
      }
    });
  }

  void End(Result<PairReply> reply) {
    silence_.cancel();
    reply_ = std::move(reply);
    if (!reply_ && reply_.error().where.empty()) {
      reply_.error().where = parent_.text();
    }
  }

  const Call& call_;
  asio::io_context io_;
  SyncEngine engine_;
  const Bytes& request_;
  const NetAddress& parent_;
  Dial dial_;
  asio::steady_timer silence_;
  Result<PairReply> reply_;
};

// The grant is larger than one answer holds: the parent knows this device now, so a session brings
// it all.
Status FetchBySession(const Call& call, Node& node, const NetAddress& parent) {
  SyncPlan plan;
  plan.parent = parent;
  return RunUpward(call, node, plan).status;
}

}  // namespace

Result<bool> JoinByConnection(Call& call, Node& node, const Bytes& request) {
  const std::string& given = call.arguments.One("parent");
  CHIBO_TRY_VALUE(const NetAddress parent, ParentAddress(node.replica().settings(), given));
  CHIBO_TRY_VALUE(const Duration wait, call.arguments.Seconds("wait", Duration(0)));
  const Tick until = call.clock.Elapsed() + wait;
  for (;;) {
    const auto reply = PairOnce(call, node, request, parent).Run();
    const bool by_session = !reply && reply.error().code == Code::kTooLarge;
    if (!by_session) {
      CHIBO_TRY(reply);
    }
    if (by_session || !reply->waiting) {
      CHIBO_TRY(by_session ? FetchBySession(call, node, parent)
                           : TakeGrant(node.replica(), reply->grant, call.now()));
      CHIBO_TRY(KeepParent(node.replica(), given, call.now()));
      return true;
    }
    if (call.clock.Elapsed() + kAskAgain > until) {
      return false;
    }
    call.progress(call.Say("approval_waits"));
    asio::io_context io;
    asio::steady_timer timer(io, kAskAgain);
    timer.wait();
  }
}

}  // namespace chibo
