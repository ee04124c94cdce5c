// chibo sync: upward until the superior's register covers everything.
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <charconv>
#include <csignal>

#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/labels.h"
#include "node/cli/sync_words.h"
#include "node/net/system.h"

namespace chibo {
namespace {

Result<std::uint32_t> FruitlessMax(const std::string& tries) {
  constexpr std::uint32_t kTriesMax = 100'000;
  if (tries.empty()) {
    return SyncPlan().fruitless_max;
  }
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(tries.data(), tries.data() + tries.size(), number);
  if (error != std::errc() || end != tries.data() + tries.size() || number < 1 ||
      number > kTriesMax) {
    return Fail(Code::kUsage, "tries_unreadable", tries);
  }
  return number;
}

Result<Output> Sync(Call& call) {
  Replica& replica = call.replica();
  const std::string& given = call.arguments.One("parent");
  SyncPlan plan;
  CHIBO_TRY_VALUE(plan.parent, ParentAddress(replica.settings(), given));
  CHIBO_TRY_VALUE(plan.fruitless_max, FruitlessMax(call.arguments.One("tries")));
  const SyncReport ended = RunUpward(call, *call.node, plan);
  if (ended.status) {
    CHIBO_TRY(KeepParent(replica, given, call.now()));
  }
  CHIBO_TRY_VALUE(Output output, DescribeSync(call.texts, replica, ended));
  CHIBO_TRY_VALUE(const auto lost, ReadLost(call.node->quarantine(), replica.log()));
  for (std::string& note : LostNotes(call.texts, lost)) {
    output.notes.push_back(std::move(note));
  }
  return output;
}

std::uint64_t SecondsOf(Duration duration) {
  return static_cast<std::uint64_t>(std::chrono::round<std::chrono::seconds>(duration).count());
}

}  // namespace

SyncReport RunUpward(const Call& call, Node& node, const SyncPlan& plan) {
  asio::io_context io;
  SyncEngine engine(node.replica(), *node.device().noise);
  SyncLoop loop(io, engine, call.clock);
  SyncClient client(loop);
  // Interrupted, or the machine is being shut down: what was received stays, and the end is an
  // orderly one, so that this directory goes on in its stream.
  asio::signal_set signals(io);
  AddEndings(signals);
  signals.async_wait([&](const asio::error_code& error, int) {
    if (!error) {
      client.Stop();
    }
  });
  SyncReport ended;
  client.Start(
      plan,
      [&call](const SyncSilence& silence) { call.progress(DescribeSilence(call.texts, silence)); },
      [&call](const SyncReport& report, const Status& status) {
        call.progress(DescribeAttempt(call.texts, report, status));
      },
      [&](const SyncReport& report) {
        ended = report;
        signals.cancel();
        loop.CloseAll();
      });
  io.run();
  return ended;
}

Result<NetAddress> ParentAddress(const Settings& settings, const std::string& given) {
  if (!settings.parent) {
    return Fail(Code::kNotAllowed, "no_parent");
  }
  const std::string& address = given.empty() ? settings.parent_address : given;
  if (address.empty()) {
    return Fail(Code::kUsage, "parent_address_missing", "--parent");
  }
  return NetAddress::Parse(address);
}

Result<std::string> AddressForInvite(const Arguments& given) {
  const std::string& address = given.One("address");
  if (!address.empty()) {
    CHIBO_TRY(NetAddress::Parse(address));
  }
  return address;
}

Status KeepParent(Replica& replica, const std::string& address, Timestamp now) {
  const std::string name = NameOf(replica, *replica.settings().parent);
  CHIBO_TRY_VALUE(const auto kept, replica.log().Value("parent-name"));
  const bool moved = !address.empty() && address != replica.settings().parent_address;
  if (kept == name && !moved) {
    return {};
  }
  return replica.Transact(now, [&](StreamWriter&) -> Status {
    if (moved) {
      CHIBO_TRY(replica.log().PutValue("parent-address", address));
    }
    return replica.log().PutValue("parent-name", name);
  });
}

std::string DescribeAttempt(const Catalogue& texts, const SyncReport& report,
                            const Status& status) {
  const std::string number = std::to_string(report.attempts);
  const std::string bytes = texts.Number(report.counts.bytes_in + report.counts.bytes_out);
  if (status) {
    return texts.Say("sync_session_done", {number, bytes});
  }
  std::string line = texts.Say("sync_session_ended", {number, bytes, texts.Say(status.error())});
  const auto seconds = SecondsOf(report.wait);
  if (seconds > 0) {
    line += " " + texts.Say("sync_next_in", {texts.Number(seconds)});
  }
  return line;
}

std::string DescribeSilence(const Catalogue& texts, const SyncSilence& silence) {
  return texts.Say(silence.connected ? "sync_no_answer_yet" : "sync_no_connection_yet",
                   {std::to_string(silence.attempt), texts.Number(SecondsOf(silence.so_far)),
                    texts.Number(SecondsOf(silence.at_most))});
}

Result<Output> DescribeSync(const Catalogue& texts, const Replica& replica,
                            const SyncReport& report) {
  CHIBO_TRY_VALUE(const NodeStatus status,
                  ReadStatus(replica.settings(), replica.streams(), replica.log()));
  CHIBO_TRY_VALUE(const std::string by, ParentName(replica.settings(), replica.log()));
  Output output;
  Json json = Json::parse(StatusJson(status, by));
  json.erase("streams");
  json["attempts"] = report.attempts;
  json["cuts"] = report.cuts;
  json["bytes_in"] = report.counts.bytes_in;
  json["bytes_out"] = report.counts.bytes_out;
  json["bytes_resumed"] = report.counts.bytes_resumed;
  json["entries_in"] = report.counts.entries_in;
  json["entries_out"] = report.counts.entries_out;
  output.json = Dump(json);
  output.notes = StreamNotes(texts, status);
  if (report.status) {
    output.lines = {status.received_ms == 0
                        ? texts.Say("nothing_to_send", {by})
                        : texts.Say("received_by", {by, texts.Time(status.received_ms)})};
  } else {
    output.failure = report.status.error();
  }
  output.lines.push_back(texts.Say(
      "sync_counts", {texts.Number(report.counts.bytes_out), texts.Number(report.counts.bytes_in),
                      texts.Number(report.attempts), texts.Number(report.cuts)}));
  return output;
}

void AddSyncCommands(std::vector<CommandSpec>& all) {
  all.push_back({"sync",
                 Needs::kWrite,
                 {{"parent", OptionSpec::Kind::kValue, false, "parent_address"},
                  {"tries", OptionSpec::Kind::kValue, false, ""}},
                 "sync --dir CELL --passphrase-file F",
                 Sync});
}

}  // namespace chibo
