#include "custody/store/page.hpp"

#include <charconv>

namespace tutela::store {

Result<Cursor> parse_cursor(std::string_view text, char letter, std::string_view code) {
  const std::size_t colon = text.rfind(':');
  const bool shaped = text.size() >= 4 && text.size() <= 64 && text[0] == letter &&
                      text[1] == ':' && colon != text.npos && colon >= 3;
  if (shaped) {
    Cursor cursor;
    const char* const end = text.data() + colon;
    const auto [stop, error] = std::from_chars(text.data() + 2, end, cursor.number);
    const Result<Uuid> id = parse_uuid(text.substr(colon + 1));
    if (error == std::errc() && stop == end && id) {
      cursor.id = *id;
      return cursor;
    }
  }
  return Error{
      ErrorKind::kInvalidInput, code, "the cursor is not one of this list; begin without one"};
}

std::string cursor_text(char letter, const Cursor& cursor) {
  return std::string(1, letter) + ":" + std::to_string(cursor.number) + ":" + to_string(cursor.id);
}

void Selection::where(std::string_view clause, const std::vector<Value>& values) {
  where_ += (where_.empty() ? " WHERE " : " AND ") + std::string(clause);
  values_.insert(values_.end(), values.begin(), values.end());
}

void Selection::behind(std::string_view number,
                       std::string_view id,
                       bool descending,
                       const Cursor& cursor) {
  const std::string column(number);
  const std::string sign(descending ? "<" : ">");
  // The first condition follows from the second, and is what an index is entered with.
  where(column + " " + sign + "= :from", {cursor.number});
  where("(" + column + ", " + std::string(id) + ") " + sign + " (:after, :after_id)",
        {cursor.number, to_string(cursor.id)});
}

std::string Selection::sql(std::string_view rest) const {
  return "SELECT " + columns_ + " FROM " + from_ + where_ + std::string(rest);
}

}  // namespace tutela::store
