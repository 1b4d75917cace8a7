// Who helps: the operator's own contacts, and a way to a person outside of the line.
import { Button, Group, Select, Textarea } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type ApiError, type Schemas } from "@/api";
import { Empty, Failure, Fetched, Page, Section, notify } from "@/ui";

type Kind = Schemas["Concern"]["kind"];

const kinds: readonly Kind[] = ["material", "access", "workload", "other"];
const TEXT_MAX = 4000;

function Contacts({ support }: { support: Schemas["Support"] }) {
  const { t } = useTranslation("support");
  if (support.contacts.length === 0) {
    return <Empty title={t("contacts.none.title")}>{t("contacts.none.text")}</Empty>;
  }
  return (
    <ul className="contacts">
      {support.contacts.map((contact) => (
        <li key={contact.name}>
          <b>{contact.name}</b>
          {contact.hours !== undefined && <span className="dim">{contact.hours}</span>}
          {contact.phone !== undefined && <a href={`tel:${contact.phone.replaceAll(" ", "")}`}>{contact.phone}</a>}
          {contact.url !== undefined && /^https?:/.test(contact.url) && (
            <a href={contact.url} rel="noreferrer noopener" target="_blank">
              {contact.url}
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}

function RaiseConcern({ to }: { to: string }) {
  const { t } = useTranslation("support");
  const [kind, setKind] = useState<Kind>("workload");
  const [text, setText] = useState("");
  const raise = useMutation<unknown, ApiError>({
    mutationFn: () => ask(api.POST("/v1/concerns", { body: { kind, text } })),
    onSuccess: () => {
      setText("");
      notify({ kind: "ok", text: t("concern.passed_on") });
    },
  });
  return (
    <Section title={t("concern.title")}>
      <form
        className="page"
        onSubmit={(event) => {
          event.preventDefault();
          raise.mutate();
        }}
      >
        <p>
          {t("concern.text_to", { to })} {t("concern.anonymous")}
        </p>
        <Select
          label={t("concern.kind")}
          data={kinds.map((each) => ({ value: each, label: t(`kind.${each}`) }))}
          value={kind}
          onChange={(value) => setKind(kinds.find((each) => each === value) ?? "other")}
        />
        <Textarea
          label={t("concern.what")}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          maxLength={TEXT_MAX}
          autosize
          minRows={4}
          maxRows={12}
          required
          withAsterisk={false}
        />
        <Group>
          <Button type="submit" loading={raise.isPending} disabled={text.trim() === ""}>
            {t("concern.send")}
          </Button>
        </Group>
        {raise.isError && <Failure error={raise.error} />}
      </form>
    </Section>
  );
}

export default function SupportPage() {
  const { t } = useTranslation("support");
  const support = useQuery<Schemas["Support"], ApiError>({
    queryKey: ["support"],
    queryFn: ({ signal }) => ask(api.GET("/v1/support", { signal })),
  });
  const to = support.data && (support.data.concern_contact ?? "");
  const canPassOn = support.data?.concerns === true;
  return (
    <Page title={t("title")} about={t("about")}>
      <div className="columns">
        <Section title={t("contacts.title")}>
          <Fetched query={support}>
            {(found) => (
              <>
                {found.text !== undefined && found.text !== "" && <p>{found.text}</p>}
                <Contacts support={found} />
              </>
            )}
          </Fetched>
        </Section>
        {to !== undefined &&
          (to === "" ? (
            <Section title={t("concern.title")}>
              <Empty title={t("concern.nobody.title")}>{t("concern.nobody.text")}</Empty>
            </Section>
          ) : !canPassOn ? (
            <Section title={t("concern.title")}>
              <p>{t("concern.directly", { to })}</p>
            </Section>
          ) : (
            <RaiseConcern to={to} />
          ))}
      </div>
    </Page>
  );
}
