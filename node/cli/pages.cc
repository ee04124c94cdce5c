#include "node/cli/pages.h"

#include <algorithm>
#include <array>

#include "node/repair.h"
#include "storage/mend.h"

namespace chibo {
namespace {

// Without these a directory would be somebody else, or at the top of its network.
constexpr std::array<std::string_view, 6> kSettingsNeeded{"device", "network", "unit",
                                                          "role",   "parent",  "parent-noise"};

Status CheckSettings(const LogStore& log, const Rescue& rescue, const SignPublicKey& device,
                     const std::string& path) {
  const Error lost{Code::kDamaged, "store_settings_lost", path + ": node_value"};
  const RescuedTable* values = rescue.Find("node_value");
  const auto settings = ReadSettings(log);
  CHIBO_TRY_VALUE(const auto kept, log.Value("device"));
  if (values == nullptr || !settings || !kept) {
    return tl::unexpected(lost);
  }
  const bool needed = std::any_of(kSettingsNeeded.begin(), kSettingsNeeded.end(), [&](auto key) {
    return std::find(values->keys.begin(), values->keys.end(), key) != values->keys.end();
  });
  // What stands at the top has no superior; of a store of which values are gone, who knows.
  if (needed || (values->unknown && (!settings->parent || !settings->parent_noise))) {
    return tl::unexpected(lost);
  }
  return CheckDevice(log, device);
}

std::string Joined(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) {
    joined += (joined.empty() ? "" : ", ") + name;
  }
  return joined;
}

}  // namespace

Result<PageReport> MendPages(const DataDirectory& directory, const UnlockedKey& device,
                             PageUse use) {
  const std::string path = directory.store();
  const SqliteKind kind = device.data ? SqliteKind::kCell : SqliteKind::kServer;
  PageReport report;
  {
    const auto sql = OpenSqlite(path, {.kind = kind});
    if (!sql && sql.error().code != Code::kDamaged) {
      return tl::unexpected(sql.error());
    }
    const auto damage = sql ? FindPageDamage(**sql) : tl::unexpected(sql.error());
    if (!damage) {
      return damage.error().code == Code::kDamaged
                 ? Fail(Code::kDamaged, "store_list_unreadable", path + ": sqlite_schema")
                 : tl::unexpected(damage.error());
    }
    report.damage = *damage;
  }
  if (!report.damage.any || use == PageUse::kLook) {
    return report;
  }
  if (use == PageUse::kMendView && report.damage.of_the_log()) {
    return Fail(Code::kDamaged, "store_pages_damaged", Joined(report.damage.tables));
  }
  const auto finish = [&](SqlConnection& fresh, const Rescue& rescue) -> Status {
    NoProtection at_rest;  // rows stay as they lie
    LogStore log(fresh, at_rest);
    CHIBO_TRY(CheckSettings(log, rescue, device.sign.public_key(), path));
    const RescuedTable* streams = rescue.Find("stream");
    CHIBO_TRY_VALUE(
        report.homeless,
        RestoreStreams(fresh, streams == nullptr ? decltype(streams->ids)() : streams->ids,
                       device.sign.public_key()));
    return rescue.lost_something() ? ForgetAsPutBack(log) : ForgetOutboxes(log);
  };
  CHIBO_TRY_VALUE(report.rescue, RescueSqlite(path, kind, finish));
  return report;
}

}  // namespace chibo
