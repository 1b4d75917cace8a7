// Makes people of every role in the data folder "tutela-data" of the working folder, as the demo
// does: their names, roles, passwords and seeds are in the file "people", one a line.
#include <cstdio>

#include "demo_people.hpp"

int main() {
  const tutela::SystemClock clock;
  const auto database = tutela::store::Database::open({.path = "tutela-data/tutela.db"});
  if (!database) {
    std::fputs(database.error().message.c_str(), stderr);
    return 2;
  }
  const auto made = tutela::cli::make_demo_people("people", "tutela-data", **database, clock);
  if (!made) {
    std::fputs(made.error().message.c_str(), stderr);
    return 2;
  }
  return 0;
}
