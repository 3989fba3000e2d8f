// A new project from a template.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createProject } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { NewProject } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Choice, Field } from "@/ui/field";
import { Problem } from "@/ui/notice";
import { goTo } from "@/ui/router";

const TEMPLATES: readonly NewProject["template"][] = [
  "ch-ddi",
  "diabetes",
  "conll04",
  "ade",
  "empty",
];
const LANGUAGES: readonly NewProject["language"][] = ["zh", "en"];
const ENGLISH: readonly string[] = ["conll04", "ade"];

export function NewProjectDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [template, setTemplate] = useState<NewProject["template"]>("ch-ddi");
  const [language, setLanguage] = useState<NewProject["language"]>("zh");
  const creation = useMutation({
    mutationFn: () => createProject({ name, template, language }),
    onSuccess: async (project) => {
      await queries.invalidateQueries({ queryKey: keys.projects });
      onClose();
      goTo(`/projects/${project.id}`);
    },
  });
  return (
    <Dialog title={t("projects.new")} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          creation.mutate();
        }}
      >
        <Field
          label={t("projects.name")}
          value={name}
          required
          maxLength={200}
          onChange={(event) => setName(event.target.value)}
        />
        <Choice
          label={t("projects.template")}
          hint={t("projects.template_hint")}
          value={template}
          options={TEMPLATES.map((value) => ({ value, label: t(`template.${value}`) }))}
          onChoose={(value) => {
            setTemplate(TEMPLATES.find((one) => one === value) ?? "empty");
            setLanguage(ENGLISH.includes(value) ? "en" : "zh");
          }}
        />
        <Choice
          label={t("projects.language")}
          value={language}
          options={LANGUAGES.map((value) => ({ value, label: t(`language.${value}`) }))}
          onChoose={(value) => setLanguage(value === "en" ? "en" : "zh")}
        />
        <Problem error={creation.error} />
        <div className="form-actions">
          <Button type="submit" weight="primary" disabled={creation.isPending}>
            {t("projects.create")}
          </Button>
          <Button weight="quiet" onClick={onClose}>
            {t("ui.cancel")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
