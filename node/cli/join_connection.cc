#include "node/cli/join_connection.h"

#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "node/cli/sync_words.h"
#include "node/enrolment.h"
#include "node/net/pair_connection.h"

namespace chibo {
namespace {

// An officer reads a list and types a pass-phrase: asking more often helps nobody.
constexpr Duration kAskAgain{2000};

Result<PairReply> PairOnce(const Call& call, Node& node, const Bytes& request,
                           const NetAddress& parent) {
  asio::io_context io;
  SyncEngine engine(node.replica(), *node.device().noise);
  asio::error_code error;
  asio::ip::tcp::resolver resolver(io);
  const auto endpoints = resolver.resolve(parent.host, parent.port, error);
  asio::ip::tcp::socket socket(io);
  if (!error) {
    asio::connect(socket, endpoints, error);
  }
  if (error) {
    return Fail(Code::kUnreachable, "parent_unreachable", parent.host + ":" + parent.port);
  }
  CHIBO_TRY_VALUE(auto pairing, engine.DialPairing(request, call.clock.Elapsed()));
  Result<PairReply> reply = PairReply();
  std::make_shared<PairConnection>(call.clock, std::move(socket), std::move(pairing),
                                   [&reply](const Status& status, const Pairing& ended) {
                                     if (ended.reply()) {
                                       reply = *ended.reply();
                                     } else if (!status) {
                                       reply = tl::unexpected(status.error());
                                     }
                                   })
      ->Start();
  io.run();
  return reply;
}

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
    const auto reply = PairOnce(call, node, request, parent);
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
