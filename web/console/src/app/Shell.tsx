// The frame of every page: the strip, what waits, the rail, and the page itself.
import { Loader } from "@mantine/core";
import { Suspense, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, Route, Routes, useLocation, useNavigate } from "react-router-dom";
import { useMe, type Me } from "../api/session";
import { withTexts } from "../i18n";
import { Later } from "../ui/Later";
import { Page, Empty } from "../ui/Page";
import { useShortcut } from "../shortcuts/registry";
import { ErrorBoundary } from "./ErrorBoundary";
import { ExposureRing } from "./ExposureRing";
import { CasePage, NotFound, mayEnter, rooms, roomsOf, type Room } from "./rooms";
import { Strip } from "./Strip";
import { UserMenu } from "./UserMenu";
import { Waits } from "./Waits";

const Help = withTexts([], () => import("./Help"));
const Palette = withTexts([], () => import("./Palette"));

function Locked({ room }: { room: Room }) {
  const { t } = useTranslation("common");
  const me = useMe();
  return (
    <Page title={t(`room.${room.name}`)} narrow>
      <Empty title={t("locked.title", { role: t(`role.${me.role}`) })}>{t("locked.text")}</Empty>
    </Page>
  );
}

function RailPart({ me, part }: { me: Me; part: Room["rail"] }) {
  const { t } = useTranslation("common");
  const own = roomsOf(me).filter((room) => room.rail === part);
  return own.length === 0 ? null : (
    <ul className="rail-list">
      {own.map((room) => (
        <li key={room.name}>
          <NavLink className="rail-link" to={room.path} end={room.path === "/"}>
            {t(`room.${room.name}`)}
            {room.name === "exposure" && <ExposureRing />}
          </NavLink>
        </li>
      ))}
    </ul>
  );
}

function RoomShortcut({ room }: { room: Room }) {
  const { t } = useTranslation("common");
  const navigate = useNavigate();
  useShortcut(room.keys ?? "", t(`room.${room.name}`), () => navigate(room.path), {
    scope: "everywhere",
    enabled: room.keys !== undefined,
  });
  return null;
}

function Shown({ room, me, children }: { room: Room; me: Me; children: ReactNode }) {
  return mayEnter(me, room) ? children : <Locked room={room} />;
}

export function Shell() {
  const { t } = useTranslation("common");
  const me = useMe();
  const { pathname } = useLocation();
  const [palette, showPalette] = useState(false);
  const [help, showHelp] = useState(false);
  useShortcut("mod+k", t("palette.title"), () => showPalette(true), { scope: "everywhere" });
  useShortcut("?", t("help.title"), () => showHelp(true), { scope: "everywhere" });
  const cases = rooms.find((room) => room.name === "cases");
  return (
    <div className="shell">
      <div className="shell-top">
        <a className="skip" href="#main">
          {t("skip")}
        </a>
        <Strip>
          <UserMenu onHelp={() => showHelp(true)} onPalette={() => showPalette(true)} />
        </Strip>
        <Waits />
      </div>
      <nav className="shell-rail" aria-label={t("rail")}>
        <RailPart me={me} part="work" />
        <RailPart me={me} part="watch" />
        <RailPart me={me} part="own" />
      </nav>
      <main className="shell-main" id="main" tabIndex={-1}>
        <ErrorBoundary key={pathname}>
          <Suspense fallback={<Loader size="sm" type="dots" role="status" aria-label={t("loading")} />}>
            <Routes>
              {rooms.map((room) => (
                <Route
                  key={room.name}
                  path={room.path === "/" ? "/" : `${room.path}/*`}
                  element={
                    <Shown room={room} me={me}>
                      <room.page />
                    </Shown>
                  }
                />
              ))}
              {cases && (
                <Route
                  path="/cases/:id"
                  element={
                    <Shown room={cases} me={me}>
                      <CasePage />
                    </Shown>
                  }
                />
              )}
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Suspense>
        </ErrorBoundary>
      </main>
      {roomsOf(me).map((room) => (
        <RoomShortcut key={room.name} room={room} />
      ))}
      <Later opened={palette} onFailed={() => showPalette(false)}>
        {(opened) => <Palette opened={opened} onClose={() => showPalette(false)} onHelp={() => showHelp(true)} />}
      </Later>
      <Later opened={help} onFailed={() => showHelp(false)}>
        {(opened) => <Help opened={opened} onClose={() => showHelp(false)} />}
      </Later>
    </div>
  );
}
