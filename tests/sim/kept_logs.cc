#include "tests/sim/kept_logs.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "storage/sqlite/sqlite_connection.h"
#include "tests/must.h"
#include "tests/sim/seen.h"

namespace chibo::sim {
namespace {

namespace fs = std::filesystem;

constexpr char kStore[] = "/chibo.db";

std::string Lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line + "\n";
  }
  return text;
}

Bytes Contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// The node of a store whose device key is not at hand: it only looks.
std::string SeenIn(const Bytes& store, bool rebuilds) {
  test::FaultVfs disk;
  disk.Put({{kStore, test::PagedBytes(store)}});
  SeededRandom random(1);
  const SigningKey device(SecretKey::Draw(random));
  NoProtection at_rest;
  SqliteOptions options;
  options.kind = SqliteKind::kServer;
  options.vfs = disk.name();
  const auto sql = Must(OpenSqlite(kStore, options));
  Replica::Parts parts;
  parts.sql = sql.get();
  parts.at_rest = &at_rest;
  parts.random = &random;
  parts.device = &device;
  parts.view_place = ViewStore::Place::kFile;
  const auto replica = Must(Replica::Open(parts));
  if (rebuilds) {
    Must(replica->RebuildView());
  }
  return Lines(WhatIsSeen(*replica));
}

// Of two texts the first line that differs.
std::string Difference(const std::string& one, const std::string& other) {
  std::istringstream left(one);
  std::istringstream right(other);
  std::string a;
  std::string b;
  while (true) {
    const bool has_a = static_cast<bool>(std::getline(left, a));
    const bool has_b = static_cast<bool>(std::getline(right, b));
    if (!has_a && !has_b) {
      return "";
    }
    if (!has_a || !has_b || a != b) {
      return "was: " + (has_a ? a : "nothing") + "\n  is: " + (has_b ? b : "nothing");
    }
  }
}

}  // namespace

std::optional<Violation> KeepLogs(const Options& options, const fs::path& folder) {
  World world(options);
  if (auto violation = world.Run()) {
    return violation;
  }
  fs::create_directories(folder);
  std::vector<Machine*> kept{&world.top()};
  for (const auto& machine : world.machines()) {
    if (kept.size() < 3 && machine.get() != kept.back() && !machine->allowance().hostile &&
        world.parent(*machine) == kept.back()) {
      kept.push_back(machine.get());
    }
  }
  for (Machine* machine : kept) {
    const std::string seen = Lines(WhatIsSeen(machine->node().replica()));
    machine->node().Stop();
    const Bytes store = machine->Backup().at(kStore).ToBytes();
    std::ofstream(folder / (machine->name() + ".db"), std::ios::binary) << store;
    std::ofstream(folder / (machine->name() + ".seen"), std::ios::binary) << seen;
  }
  return std::nullopt;
}

std::optional<Violation> CheckKeptLogs(const fs::path& folder) {
  std::vector<fs::path> stores;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (file.path().extension() == ".db") {
      stores.push_back(file.path());
    }
  }
  std::sort(stores.begin(), stores.end());
  if (stores.empty()) {
    return Violation{"I19", "no store is kept in " + folder.string()};
  }
  for (const fs::path& store : stores) {
    const Bytes expected = Contents(fs::path(store).replace_extension(".seen"));
    for (const bool rebuilds : {false, true}) {
      const std::string difference = Difference(expected, SeenIn(Contents(store), rebuilds));
      if (expected.empty() || !difference.empty()) {
        return Violation{"I19", store.filename().string() +
                                    " is seen otherwise than by the program "
                                    "that left it\n  " +
                                    difference};
      }
    }
  }
  return std::nullopt;
}

}  // namespace chibo::sim
