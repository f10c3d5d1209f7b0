{{/* Names, labels and addresses. */}}

{{- define "mooring.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Of a component: (dict "root" $ "name" NAME). */}}
{{- define "mooring.name" -}}
{{- printf "%s-%s" (include "mooring.fullname" .root) .name -}}
{{- end -}}

{{- define "mooring.selector" -}}
app.kubernetes.io/name: mooring
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "mooring.labels" -}}
{{ include "mooring.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: mooring
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* One of our images: (dict "root" $ "name" NAME). */}}
{{- define "mooring.image" -}}
{{- printf "%s%s:%s" .root.Values.images.prefix .name (.root.Values.images.tag | default .root.Chart.AppVersion) -}}
{{- end -}}

{{/* What catalogue.yaml says of all services. */}}
{{- define "mooring.catalogue" -}}
{{- $catalogue := .Files.Get "catalogue.yaml" | fromYaml -}}
{{- range $name, $_ := .Values.services -}}
{{- if not (hasKey $catalogue.services $name) -}}
{{- fail (printf "services.%s: there is no such service; there are %s" $name (keys $catalogue.services | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- $catalogue | toYaml -}}
{{- end -}}

{{/* The settings of a service, with the defaults of all: (dict "root" $ "name" NAME). */}}
{{- define "mooring.settings" -}}
{{- $own := index .root.Values.services .name | default dict -}}
{{- mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy $own) | toYaml -}}
{{- end -}}

{{/* Where a component is inside the cluster. */}}
{{- define "mooring.insideHost" -}}
{{- printf "%s.%s.svc" (include "mooring.name" .) .root.Release.Namespace -}}
{{- end -}}

{{/* Its own address there: our TLS port where it has one. */}}
{{- define "mooring.insideUrl" -}}
{{- $entry := index (include "mooring.catalogue" .root | fromYaml).services .name | default dict -}}
{{- if eq .name "connect" -}}
http://{{ include "mooring.insideHost" . }}:7083
{{- else if $entry.https -}}
https://{{ include "mooring.insideHost" . }}:{{ $entry.https }}
{{- else -}}
http://{{ include "mooring.insideHost" . }}:{{ $entry.http }}
{{- end -}}
{{- end -}}

{{/* As which the world reaches a service; inside the cluster only, if it has no host name. */}}
{{- define "mooring.url" -}}
{{- $entry := index (include "mooring.catalogue" .root | fromYaml).services .name -}}
{{- $settings := include "mooring.settings" . | fromYaml -}}
{{- if not $settings.host -}}
{{- include "mooring.insideUrl" . -}}
{{- else -}}
{{- $scheme := ternary "https" "http" (not (empty $entry.https)) -}}
{{- $standard := ternary 443 80 (eq $scheme "https") -}}
{{- $port := int ($settings.port | default $standard) -}}
{{- printf "%s://%s%s" $scheme $settings.host (ternary "" (printf ":%d" $port) (eq $port $standard)) -}}
{{- end -}}
{{- end -}}

{{- define "mooring.mqttHost" -}}
{{- .Values.broker.host | default (include "mooring.insideHost" (dict "root" . "name" "broker")) -}}
{{- end -}}

{{/* All names that our servers' certificates bear. */}}
{{- define "mooring.serverNames" -}}
{{- $names := list -}}
{{- $root := . -}}
{{- range $name, $entry := (include "mooring.catalogue" . | fromYaml).services -}}
{{- if $entry.https -}}
{{- $names = append $names (include "mooring.insideHost" (dict "root" $root "name" $name)) -}}
{{- $host := (include "mooring.settings" (dict "root" $root "name" $name) | fromYaml).host -}}
{{- if $host -}}{{- $names = append $names $host -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $names = append $names (include "mooring.insideHost" (dict "root" . "name" "broker")) -}}
{{- if .Values.broker.host -}}{{- $names = append $names .Values.broker.host -}}{{- end -}}
{{- concat $names .Values.tls.moreNames | uniq | join "," -}}
{{- end -}}

{{- define "mooring.postgresqlHost" -}}
{{- if .Values.postgresql.trial.enabled -}}
{{- include "mooring.insideHost" (dict "root" . "name" "postgresql") -}}
{{- else -}}
{{- required "postgresql.host: where PostgreSQL is (or postgresql.trial.enabled, to try Mooring out)" .Values.postgresql.host -}}
{{- end -}}
{{- end -}}

{{- define "mooring.kafkaServers" -}}
{{- if .Values.kafka.trial.enabled -}}
{{- include "mooring.insideHost" (dict "root" . "name" "kafka") }}:9092
{{- else -}}
{{- required "kafka.bootstrapServers: where Kafka is (or kafka.trial.enabled, to try Mooring out)" .Values.kafka.bootstrapServers -}}
{{- end -}}
{{- end -}}

{{- define "mooring.secretName" -}}
{{- .Values.secrets.existingSecret | default (printf "%s-secrets" (include "mooring.fullname" .)) -}}
{{- end -}}

{{/* All secrets there are, by name. */}}
{{- define "mooring.secretNames" -}}
{{- $catalogue := include "mooring.catalogue" . | fromYaml -}}
{{- $names := $catalogue.secrets -}}
{{- range $name, $entry := $catalogue.services -}}
{{- $names = concat $names $entry.secrets -}}
{{- end -}}
{{- $names | uniq | sortAlpha | join "," -}}
{{- end -}}

{{- define "mooring.serviceAccount" -}}
{{- .root.Values.serviceAccount.name | default (include "mooring.fullname" .root) -}}
{{- end -}}
