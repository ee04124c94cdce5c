#include "tools/verify/books.h"

#include <algorithm>

namespace chibo::verify {
namespace {

constexpr std::string_view kSealedPrefix = "secret/";

// Rows, one by one, to `take`.
template <typename Take>
Status Each(const Database& database, const std::string& sql, Take take) {
  CHIBO_TRY_VALUE(Rows rows, database.Query(sql));
  CHIBO_TRY_VALUE(bool found, rows.Next());
  while (found) {
    take(rows);
    CHIBO_TRY_VALUE(found, rows.Next());
  }
  return {};
}

bool SettingFits(std::string_view key, ByteView value, const Digest& network) {
  if (key == "network") {
    return value == network.view();
  }
  if (key == "unit" || key == "parent") {
    return value.size() == kUnitBytes;
  }
  if (key == "parent-noise") {
    return value.size() == Digest::kSize;
  }
  if (key == "role") {
    return value.size() == 1 && value[0] >= '0' && pb::Role_IsValid(value[0] - '0');
  }
  return true;
}

struct RegisteredRow {
  Digest stream;
  Bytes unit;
  std::uint64_t size = 0;
  Digest root;
  std::int64_t time_ms = 0;
  RecordName name;
};

std::optional<RegisteredRow> ReadRegistered(const Rows& rows) {
  const auto stream = Digest::From(rows.Blob(0));
  const auto root = Digest::From(rows.Blob(3));
  const auto named = Digest::From(rows.Blob(5));
  if (!stream || !root || !named || rows.Int(2) < 0 || rows.Int(6) < 0 || rows.Int(7) < 0 ||
      rows.Blob(1).size() != kUnitBytes) {
    return std::nullopt;
  }
  return RegisteredRow{
      *stream,
      Bytes(rows.Blob(1)),
      static_cast<std::uint64_t>(rows.Int(2)),
      *root,
      rows.Int(4),
      {*named, static_cast<std::uint64_t>(rows.Int(6)), static_cast<std::uint32_t>(rows.Int(7))}};
}

bool SaysTheSame(const RegisterSeen& seen, const RegisteredRow& row) {
  const auto point = seen.points.find(row.stream);
  return seen.unit == row.unit && seen.time_ms == row.time_ms && point != seen.points.end() &&
         point->second.first == row.size && point->second.second == row.root.view();
}

const HeldStream* ByNumber(const HeldStreams& held, std::int64_t no) {
  for (const auto& [id, stream] : held) {
    if (stream.no == no) {
      return &stream;
    }
  }
  return nullptr;
}

}  // namespace

Status CheckValues(const Database& database, const AtRest& at_rest, const Digest& network,
                   Report& report) {
  std::set<std::string> seen;
  CHIBO_TRY(Each(database, "SELECT key, value FROM node_value ORDER BY key", [&](const Rows& rows) {
    const std::string key(rows.Blob(0));
    seen.insert(key);
    if (key.starts_with(kSealedPrefix) && !at_rest.locked()) {
      if (!at_rest.Reveal("value/" + key, rows.Blob(1))) {
        report.Problem("value_unreadable", {}, key);
      }
    } else if (!SettingFits(key, rows.Blob(1), network)) {
      report.Problem("setting_damaged", {}, key);
    }
  }));
  for (const char* key : {"network", "unit", "role"}) {
    if (!seen.contains(key)) {
      report.Problem("setting_missing", {}, key);
    }
  }
  return {};
}

Status CheckRegistered(const Database& database, bool sealed, Gathered& gathered, Report& report) {
  return Each(database,
              "SELECT stream, unit, size, root, time_ms, name_stream, name_idx, name_position "
              "FROM registered",
              [&](const Rows& rows) {
                Place place;
                place.stream = ToHex(rows.Blob(0));
                const auto row = ReadRegistered(rows);
                if (!row) {
                  report.Problem("registered_row_malformed", place);
                  return;
                }
                const auto [first, last] = gathered.registers.equal_range(row->name);
                const bool said = std::any_of(first, last, [&](const auto& named) {
                  return SaysTheSame(named.second, *row);
                });
                const std::string name = std::get<0>(row->name).hex() + "/" +
                                         std::to_string(std::get<1>(row->name)) + "/" +
                                         std::to_string(std::get<2>(row->name));
                if (!said && !sealed) {
                  report.Problem("registered_row_unproven", place, name);
                } else if (sealed) {
                  // With the record at hand, the record's own claim is the one that is compared.
                  place.size = row->size;
                  gathered.claims.push_back({row->stream, row->size, row->root, place,
                                             "register_differs", "register_beyond"});
                }
              });
}

Status CheckOutbox(const Database& database, const HeldStreams& held, Report& report) {
  std::map<std::int64_t, const HeldStream*> by_number;
  for (const auto& [id, stream] : held) {
    by_number[stream.no] = &stream;
  }
  return Each(database, "SELECT unit, seq, stream_no, branch, from_idx, to_idx FROM outbox",
              [&](const Rows& rows) {
                const auto stream = by_number.find(rows.Int(2));
                const HeldBranch* branch =
                    stream == by_number.end()
                        ? nullptr
                        : stream->second->Find(static_cast<std::uint32_t>(rows.Int(3)));
                const bool fits =
                    rows.Blob(0).size() == kUnitBytes && rows.Int(1) > 0 && branch != nullptr &&
                    rows.Int(4) >= 0 && rows.Int(4) < rows.Int(5) &&
                    (!branch->whole || static_cast<std::uint64_t>(rows.Int(5)) <= branch->size());
                if (!fits) {
                  Place place;
                  place.stream = stream == by_number.end() ? "" : stream->second->id.hex();
                  report.Problem("outbox_row_damaged", place,
                                 ToHex(rows.Blob(0)) + "/" + std::to_string(rows.Int(1)));
                }
              });
}

Status CheckOrphans(const Database& database, const HeldStreams& held, Report& report) {
  for (const std::string table : {"entry", "checkpoint", "branch", "secret"}) {
    CHIBO_TRY(Each(database,
                   "SELECT DISTINCT stream_no FROM " + table +
                       " WHERE stream_no NOT IN (SELECT no FROM stream)",
                   [&](const Rows& rows) {
                     report.Problem("rows_without_stream", {},
                                    table + " " + std::to_string(rows.Int(0)));
                   }));
  }
  for (const std::string table : {"entry", "checkpoint"}) {
    CHIBO_TRY(Each(database,
                   "SELECT DISTINCT stream_no, branch FROM " + table +
                       " AS t WHERE NOT EXISTS (SELECT 1 FROM branch AS b WHERE b.stream_no = "
                       "t.stream_no AND b.branch = t.branch)",
                   [&](const Rows& rows) {
                     const HeldStream* stream = ByNumber(held, rows.Int(0));
                     if (stream != nullptr) {
                       Place place;
                       place.stream = stream->id.hex();
                       report.Problem("rows_without_branch", place,
                                      table + " " + std::to_string(rows.Int(1)));
                     }
                   }));
  }
  return {};
}

}  // namespace chibo::verify
