#include "node/cli/command.h"

#include <algorithm>

#include "base/check.h"
#include "node/cli/commands.h"

namespace chibo {

const std::string& Arguments::One(const std::string& name) const {
  static const std::string kNothing;
  const std::vector<std::string>& all = All(name);
  return all.empty() ? kNothing : all.front();
}

const std::vector<std::string>& Arguments::All(const std::string& name) const {
  static const std::vector<std::string> kNothing;
  const auto found = values_.find(name);
  return found == values_.end() ? kNothing : found->second;
}

Result<Duration> Arguments::Seconds(const std::string& name, Duration absent) const {
  if (!Has(name)) {
    return absent;
  }
  const std::string& text = One(name);
  if (text.empty() || text.size() > 6 ||
      text.find_first_not_of("0123456789") != std::string::npos || std::stol(text) == 0) {
    return Fail(Code::kUsage, "usage_option_unclear", "--" + name);
  }
  return Duration(1000 * std::stol(text));
}

Status Arguments::ExpectWithout(const std::string& name,
                                std::initializer_list<std::string_view> others) const {
  for (const std::string_view other : others) {
    if (Has(name) && Has(std::string(other))) {
      return Fail(Code::kUsage, "usage_options_clash", "--" + name + ", --" + std::string(other));
    }
  }
  return {};
}

const Bytes& Call::Input(const std::string& path) const {
  const auto found = inputs.find(path);
  CHECK(found != inputs.end());
  return found->second;
}

std::string CommandSpec::text_key() const {
  std::string key = path;
  std::replace_if(
      key.begin(), key.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
  return key;
}

const std::vector<CommandSpec>& AllCommands() {
  static const std::vector<CommandSpec> kCommands = [] {
    std::vector<CommandSpec> all;
    for (const auto& add :
         {AddNetworkCommands, AddUnitCommands,   AddEnrolmentCommands, AddDeviceCommands,
          AddKeyCommands,     AddMemberCommands, AddRecordCommands,    AddTypedRecordCommands,
          AddSyncCommands,    AddServeCommand,   AddStatusCommand,     AddCaseCommands,
          AddDecideCommand,   AddForkCommands,   AddRulesCommand,      AddReportCommand,
          AddLogCommands,     AddBackupCommands, AddRebuildCommand,    AddRepairCommand}) {
      add(all);
    }
    return all;
  }();
  return kCommands;
}

tl::unexpected<Error> InFile(const Call& call, const std::string& path, Error error) {
  const std::size_t colon = std::min(error.where.find(": "), error.where.size());
  const std::string spot = error.where.substr(0, colon);
  const std::size_t slash = spot.find('/');
  if (spot.empty() || spot.find_first_not_of("0123456789/") != std::string::npos) {
    error.where = path + (error.where.empty() ? "" : ": " + error.where);
  } else {
    const std::string said =
        slash == std::string::npos
            ? call.Say("at_line", {spot})
            : call.Say("at_line_column", {spot.substr(0, slash), spot.substr(slash + 1)});
    error.where = path + ", " + said + error.where.substr(colon);
  }
  return tl::unexpected(std::move(error));
}

}  // namespace chibo
