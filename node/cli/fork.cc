// chibo fork list, fork rule, adopt: streams of which somebody wrote two branches, and entries that
// stand past a revocation, a closing or a fork.
#include <charconv>

#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/keys.h"
#include "node/cli/labels.h"
#include "node/cli/recording.h"
#include "node/recorder.h"

namespace chibo {
namespace {

Result<std::uint64_t> NumberIn(const Call& call, const std::string& name, std::uint64_t absent) {
  const std::string& text = call.arguments.One(name);
  std::uint64_t number = absent;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && (read.ec != std::errc() || read.ptr != text.data() + text.size())) {
    return Fail(Code::kUsage, "usage_option_unclear", "--" + name);
  }
  return number;
}

Result<const BranchRow*> BranchNamed(const Call& call, const Stream& stream) {
  CHIBO_TRY_VALUE(const std::uint64_t number, NumberIn(call, "branch", 0));
  // Their numbers may have gaps.
  const BranchRow* branch = number <= stream.branches.back().branch
                                ? stream.FindBranch(static_cast<std::uint32_t>(number))
                                : nullptr;
  if (branch == nullptr) {
    return Fail(Code::kNotFound, "branch_not_found", call.arguments.One("branch"));
  }
  return branch;
}

Result<Output> ListForks(Call& call) {
  Json list = Json::array();
  Output output;
  for (const Stream* stream : call.replica().streams().All()) {
    if (!stream->forked()) {
      continue;
    }
    Json branches = Json::array();
    output.lines.push_back(stream->id.hex().substr(0, 16) + "\t" +
                           CodeOf(call.replica(), stream->unit));
    for (const BranchRow& branch : stream->branches) {
      const bool counts =
          call.replica().authority().StandingOfEntry(stream->id, branch.branch,
                                                     branch.peaks.size() - 1) == SetAside::kCounts;
      branches.push_back(Json{{"branch", branch.branch},
                              {"leaves", branch.parent},
                              {"from", branch.fork_at},
                              {"size", branch.peaks.size()},
                              {"root", branch.peaks.Root().hex()},
                              {"counts", counts}});
      output.lines.push_back(
          "    " + call.Say(counts ? "fork_branch_counts" : "fork_branch_waits",
                            {std::to_string(branch.branch), std::to_string(branch.fork_at),
                             std::to_string(branch.peaks.size())}));
    }
    list.push_back(Json{{"stream", stream->id.hex()},
                        {"unit", CodeOf(call.replica(), stream->unit)},
                        {"branches", branches}});
  }
  if (list.empty()) {
    output.lines = {call.Say("no_forks")};
  }
  output.json = Dump(list);
  return output;
}

Result<Output> Sign(Call& call, pb::Record record) {
  CHIBO_TRY_VALUE(const Officer officer, UnlockOfficer(call));
  Signers signers;
  signers.officer = officer.issuer;
  pb::Action action;
  *action.add_records() = std::move(record);
  Recorded recorded;
  CHIBO_TRY(call.replica().Transact(call.now(), [&](StreamWriter& writer) -> Status {
    CHIBO_TRY(RecordAction(call.replica(), writer, action, signers, call.now(), recorded));
    return {};
  }));
  Output output;
  output.json = Dump(Json{{"record", ToString(recorded.names.front())}});
  output.lines = {SayRecorded(call, recorded)};
  return output;
}

Result<Output> RuleFork(Call& call) {
  CHIBO_TRY_VALUE(const Stream* stream, FindStream(call.replica(), call.arguments.One("stream")));
  if (!stream->forked() || !call.arguments.Has("branch")) {
    return Fail(Code::kBadInput, "fork_without_choice", stream->id.hex());
  }
  CHIBO_TRY_VALUE(const BranchRow* branch, BranchNamed(call, *stream));
  pb::Record record;
  pb::ForkRulingBody& body = *record.mutable_fork_ruling()->mutable_body();
  body.set_stream(Bytes(stream->id.view()));
  body.mutable_chosen()->set_stream(Bytes(stream->id.view()));
  body.mutable_chosen()->set_size(branch->peaks.size());
  body.mutable_chosen()->set_root(Bytes(branch->peaks.Root().view()));
  body.set_reason(call.arguments.One("reason"));
  return Sign(call, std::move(record));
}

Result<Output> Adopt(Call& call) {
  CHIBO_TRY_VALUE(const Stream* stream, FindStream(call.replica(), call.arguments.One("stream")));
  CHIBO_TRY_VALUE(const BranchRow* branch, BranchNamed(call, *stream));
  CHIBO_TRY_VALUE(const std::uint64_t from, NumberIn(call, "from", 0));
  CHIBO_TRY_VALUE(const std::uint64_t to, NumberIn(call, "to", branch->peaks.size()));
  if (from >= to || to > branch->peaks.size()) {
    return Fail(Code::kUsage, "adoption_range_unfit",
                "--from " + std::to_string(from) + " --to " + std::to_string(to) + "; 0 … " +
                    std::to_string(branch->peaks.size()));
  }
  CHIBO_TRY_VALUE(const auto root, call.replica().streams().RootAt(*stream, branch->branch, to));
  CHECK(root.has_value());
  pb::Record record;
  pb::AdoptionBody& body = *record.mutable_adoption()->mutable_body();
  body.set_stream(Bytes(stream->id.view()));
  body.set_from(from);
  body.set_to(to);
  body.set_root(Bytes(root->view()));
  body.set_reason(call.arguments.One("reason"));
  return Sign(call, std::move(record));
}

}  // namespace

void AddForkCommands(std::vector<CommandSpec>& all) {
  all.push_back({"fork list", Needs::kRead, {}, "fork list --dir XA01", ListForks});
  all.push_back({"fork rule",
                 Needs::kWrite,
                 {{"stream", OptionSpec::Kind::kValue, true, ""},
                  {"branch", OptionSpec::Kind::kValue, true, "branch"},
                  {"reason", OptionSpec::Kind::kValue, true, ""}},
                 "fork rule --dir XA01 --stream 3f2a91c0 --branch 1 --reason \"…\" "
                 "--passphrase-file F",
                 RuleFork});
  all.push_back({"adopt",
                 Needs::kWrite,
                 {{"stream", OptionSpec::Kind::kValue, true, ""},
                  {"branch", OptionSpec::Kind::kValue, false, "branch"},
                  {"from", OptionSpec::Kind::kValue, true, "entry_from"},
                  {"to", OptionSpec::Kind::kValue, false, "entry_to"},
                  {"reason", OptionSpec::Kind::kValue, true, ""}},
                 "adopt --dir XA01 --stream 3f2a91c0 --from 12 --reason \"…\" --passphrase-file F",
                 Adopt});
}

}  // namespace chibo
