#include <algorithm>

#include "domain/certificate_chain.h"
#include "proto/limits.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

constexpr int kAllMoves = limits::kChainDepthMax;

std::optional<UnitId> ParentOf(const Statement& move) {
  return UnitId::From(move.record->unit_change().body().parent());
}

// The digest that the change names as the unit's change before it; nothing for the first.
std::optional<Hash> PreviousOf(const pb::UnitChangeBody& body, const UnitId& unit) {
  for (int i = 0; i < body.from_size() && i < body.previous_size(); ++i) {
    if (body.from(i) == unit.view()) {
      return Hash::From(body.previous(i));
    }
  }
  return std::nullopt;
}

}  // namespace

struct CertificateChain::Claim {
  std::optional<UnitId> parent;
  const Certificate* issuer = nullptr;  // null: the root set
};

// ---- Who keeps a unit

Keeping CertificateChain::KeepingOf(const UnitId& unit, std::uint32_t depth) const {
  if (depth < limits::kChainDepthMax) {
    return ComputeKeeping(unit, depth, static_cast<int>(depth));
  }
  const Unit* known = FindUnit(unit);
  if (known == nullptr) {
    return {};
  }
  if (!known->keeping || known->keeping_as_of != version_) {
    known->keeping = ComputeKeeping(unit, kAll, kAllMoves);
    known->keeping_as_of = version_;
  }
  return *known->keeping;
}

Keeping CertificateChain::ComputeKeeping(const UnitId& unit, std::uint32_t depth, int moves) const {
  Keeping keeping = BaseOf(unit, depth);
  if (keeping.known) {
    const std::vector<const Statement*> heard = MovesHeard(unit, depth, moves);
    if (!heard.empty()) {
      ApplyMoves(unit, heard, depth, moves, keeping);
    }
  }
  return keeping;
}

std::vector<CertificateChain::Claim> CertificateChain::ClaimsHeard(const UnitId& unit,
                                                                   std::uint32_t depth) const {
  std::vector<Claim> claims;
  for (const Statement* statement : ClaimsOn(unit)) {
    if (!Heard(*statement, depth)) {
      continue;
    }
    const Certificate* issuer = statement->issuer ? Find(*statement->issuer) : nullptr;
    const auto parent = UnitId::From(statement->record->unit().body().parent());
    if (issuer == nullptr || issuer->unit == parent.value_or(unit)) {
      claims.push_back({parent, issuer});
    }
  }
  return claims;
}

bool CertificateChain::Outranks(const Claim& claim, const Claim& other) const {
  if (claim.issuer == nullptr || other.issuer == nullptr) {
    return claim.issuer == nullptr && other.issuer != nullptr;
  }
  const std::vector<const Certificate*> chain = Upwards(*other.issuer);
  return std::any_of(chain.begin() + 1, chain.end(),
                     [&](const Certificate* above) { return above->unit == claim.issuer->unit; });
}

Keeping CertificateChain::BaseOf(const UnitId& unit, std::uint32_t depth) const {
  const std::vector<Claim> claims = ClaimsHeard(unit, depth);
  Keeping keeping;
  keeping.known = !claims.empty();
  std::set<std::optional<UnitId>> best;
  for (const Claim& claim : claims) {
    const bool stands = std::all_of(claims.begin(), claims.end(), [&](const Claim& other) {
      return other.parent == claim.parent || Outranks(claim, other);
    });
    if (stands) {
      best.insert(claim.parent);
    }
  }
  keeping.contested = keeping.known && best.size() != 1;
  if (best.size() == 1) {
    keeping.keeper = *best.begin();
  }
  return keeping;
}

bool CertificateChain::ClaimStands(const pb::Record& unit) const {
  const pb::UnitBody& claim = unit.unit().body();
  const UnitId id = UnitId::From(claim.unit()).value_or(UnitId());
  const auto parent = UnitId::From(claim.parent());
  const auto issuer = IssuerOf(unit);
  const bool may = !issuer || Find(*issuer)->unit == parent.value_or(id);
  const Keeping keeping = BaseOf(id, kAll);
  return may && keeping.known && !keeping.contested && keeping.keeper == parent;
}

// ---- Moves

std::vector<const Statement*> CertificateChain::MovesHeard(const UnitId& unit, std::uint32_t depth,
                                                           int moves) const {
  std::vector<const Statement*> heard;
  for (const Statement* change : ChangesOf(unit)) {
    if (change->record->unit_change().body().kind() == pb::MOVE && Heard(*change, depth) &&
        static_cast<int>(RankOf(*change)) <= moves && MayChange(*change, depth, moves)) {
      heard.push_back(change);
    }
  }
  return heard;
}

void CertificateChain::ApplyMoves(const UnitId& unit, const std::vector<const Statement*>& moves,
                                  std::uint32_t depth, int budget, Keeping& keeping) const {
  std::set<const Statement*> followed;
  for (const Statement* move : moves) {
    followed.insert(MoveBefore(unit, *move, depth, budget));
  }
  std::vector<const Statement*> last;
  std::copy_if(moves.begin(), moves.end(), std::back_inserter(last),
               [&](const Statement* move) { return !followed.contains(move); });
  KeepHighest(last);
  const bool agree = !last.empty() && std::all_of(last.begin(), last.end(), [&](const auto* move) {
    return ParentOf(*move) == ParentOf(*last.front());
  });
  if (!agree) {
    keeping.contested = true;
    keeping.keeper.reset();
    return;
  }
  const std::optional<UnitId> now = ParentOf(*last.front());
  const Statement* first = last.front();
  for (const Statement* before = MoveBefore(unit, *first, depth, budget); before != nullptr;
       before = MoveBefore(unit, *first, depth, budget)) {
    keeping.former.emplace_back(*ParentOf(*before), first);
    first = before;
  }
  for (const Claim& claim : ClaimsHeard(unit, depth)) {
    if (claim.parent && (keeping.contested || claim.parent == keeping.keeper)) {
      keeping.former.emplace_back(*claim.parent, first);
    }
  }
  std::sort(keeping.former.begin(), keeping.former.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second->content) < std::tie(b.first, b.second->content);
  });
  keeping.former.erase(std::unique(keeping.former.begin(), keeping.former.end()),
                       keeping.former.end());
  std::erase_if(keeping.former, [&](const auto& former) { return former.first == now; });
  keeping.contested = false;
  keeping.keeper = now;
}

const Statement* CertificateChain::MoveBefore(const UnitId& unit, const Statement& change,
                                              std::uint32_t depth, int moves) const {
  auto previous = PreviousOf(change.record->unit_change().body(), unit);
  while (previous) {
    const Statement* before = nullptr;
    for (const Statement* candidate : ChangesOf(unit)) {
      if (candidate->digest == *previous && Heard(*candidate, depth)) {
        before = candidate;
      }
    }
    if (before == nullptr) {
      return nullptr;
    }
    if (before->record->unit_change().body().kind() == pb::MOVE &&
        MayChange(*before, depth, moves)) {
      return before;
    }
    previous = PreviousOf(before->record->unit_change().body(), unit);
  }
  return nullptr;
}

// ---- Who may change a unit

bool CertificateChain::ChangeHolds(const Statement& change, std::uint32_t depth) const {
  return Heard(change, depth) && MayChange(change, depth, kAllMoves);
}

bool CertificateChain::MayChange(const Statement& change, std::uint32_t depth, int moves) const {
  if (!change.issuer) {
    return true;
  }
  const Certificate& issuer = *Find(*change.issuer);
  const pb::UnitChangeBody& body = change.record->unit_change().body();
  const int below = std::min(static_cast<int>(issuer.depth()), moves) - 1;
  const auto may = [&](const Bytes& unit) {
    return MayChangeUnit(change, UnitId::From(unit).value_or(UnitId()), depth, moves);
  };
  if (!std::all_of(body.from().begin(), body.from().end(), may) ||
      !std::all_of(body.into().begin(), body.into().end(), may)) {
    return false;
  }
  const auto parent = UnitId::From(body.parent());
  return !parent || Reaches(issuer.unit, *parent, depth, below);
}

bool CertificateChain::MayChangeUnit(const Statement& change, const UnitId& unit,
                                     std::uint32_t depth, int moves) const {
  const Certificate& issuer = *Find(*change.issuer);
  const int below = std::min(static_cast<int>(issuer.depth()), moves) - 1;
  const auto reaches = [&](const UnitId& keeper) {
    return Reaches(issuer.unit, keeper, depth, below);
  };
  const bool is_move = change.record->unit_change().body().kind() == pb::MOVE;
  if (is_move) {
    if (const Statement* before = MoveBefore(unit, change, depth, moves)) {
      return reaches(*ParentOf(*before));
    }
  }
  const Keeping keeping = is_move ? BaseOf(unit, depth) : ComputeKeeping(unit, depth, below);
  if (keeping.contested) {
    const std::vector<Claim> claims = ClaimsHeard(unit, depth);
    return std::all_of(claims.begin(), claims.end(),
                       [&](const Claim& claim) { return claim.parent && reaches(*claim.parent); });
  }
  if (keeping.known && !keeping.keeper) {
    return !is_move && issuer.unit == unit;
  }
  return (keeping.keeper && reaches(*keeping.keeper)) ||
         std::any_of(keeping.former.begin(), keeping.former.end(),
                     [&](const auto& former) { return reaches(former.first); });
}

// ---- Above and below

bool CertificateChain::Reaches(const UnitId& upper, const UnitId& unit, std::uint32_t depth,
                               int moves) const {
  std::set<UnitId> seen{unit};
  std::vector<UnitId> open{unit};
  while (!open.empty()) {
    const UnitId at = open.back();
    open.pop_back();
    if (at == upper) {
      return true;
    }
    const Keeping keeping =
        moves >= kAllMoves ? KeepingOf(at, depth) : ComputeKeeping(at, depth, moves);
    if (keeping.keeper && seen.insert(*keeping.keeper).second) {
      open.push_back(*keeping.keeper);
    }
    for (const auto& [former, move] : keeping.former) {
      if (seen.insert(former).second) {
        open.push_back(former);
      }
    }
  }
  return false;
}

bool CertificateChain::WasAbove(const UnitId& upper, const UnitId& unit,
                                std::uint32_t depth) const {
  return Reaches(upper, unit, depth,
                 static_cast<int>(std::min<std::uint32_t>(depth, limits::kChainDepthMax)));
}

bool CertificateChain::IsAbove(const UnitId& upper, const UnitId& unit, std::uint32_t depth) const {
  std::set<UnitId> seen;
  std::optional<UnitId> at = unit;
  while (at && seen.insert(*at).second) {
    if (*at == upper) {
      return true;
    }
    at = KeepingOf(*at, depth).keeper;
  }
  return false;
}

}  // namespace chibo
