{{/* Parts of pods. */}}

{{/* Variables by which a component sends traces, if it is to. */}}
{{- define "mooring.traces" -}}
{{- with .Values.traces }}
{{- if .endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .endpoint | quote }}
- name: OTEL_TRACES_SAMPLER
  value: {{ .sampler | quote }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ .ratio | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "mooring.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "mooring.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* What all pods of ours have: (dict "root" $ "name" NAME "settings" SETTINGS). */}}
{{- define "mooring.podCommon" -}}
serviceAccountName: {{ include "mooring.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "mooring.podSecurity" . | nindent 2 }}
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .settings.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- if .settings.spread }}
topologySpreadConstraints:
  {{- $self := . }}
  {{- range .settings.spread }}
  - topologyKey: {{ .topologyKey }}
    maxSkew: {{ .maxSkew | default 1 }}
    whenUnsatisfiable: {{ .whenUnsatisfiable | default "ScheduleAnyway" }}
    labelSelector:
      matchLabels:
        {{- include "mooring.selector" $self | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Kafka's own settings, as variables that begin with a prefix: (dict "root" $ "prefix" "KAFKA_"). */}}
{{- define "mooring.kafkaSecurity" -}}
{{- $prefix := .prefix -}}
{{- range $setting, $value := .root.Values.kafka.properties }}
- name: {{ $prefix }}{{ $setting | upper | replace "." "_" }}
  value: {{ $value | quote }}
{{- end }}
{{- if .root.Values.kafka.ca.existingSecret }}
- name: {{ $prefix }}SSL_TRUSTSTORE_TYPE
  value: PEM
- name: {{ $prefix }}SSL_TRUSTSTORE_LOCATION
  value: /kafka-ca/ca.crt
{{- end }}
{{- range .root.Values.kafka.secretProperties }}
- name: {{ $prefix }}{{ .property | upper | replace "." "_" }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
{{- end }}
{{- end -}}

{{- define "mooring.kafkaVolume" -}}
{{- if .Values.kafka.ca.existingSecret }}
- name: kafka-ca
  secret:
    secretName: {{ .Values.kafka.ca.existingSecret }}
    items:
      - key: {{ .Values.kafka.ca.key }}
        path: ca.crt
{{- end }}
{{- end -}}

{{- define "mooring.kafkaMount" -}}
{{- if .Values.kafka.ca.existingSecret }}
- name: kafka-ca
  mountPath: /kafka-ca
  readOnly: true
{{- end }}
{{- end -}}

{{/* Some of the secrets, as files: (dict "root" $ "volume" NAME "names" LIST). */}}
{{- define "mooring.secretsVolume" -}}
- name: {{ .volume }}
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ include "mooring.secretName" .root }}
          items:
            {{- range .names }}
            - key: {{ . }}
              path: {{ . }}
            {{- end }}
      {{- if and (has "role-postgres" .names) .root.Values.postgresql.superuser.existingSecret }}
      # After ours, so that it is the one that is seen.
      - secret:
          name: {{ .root.Values.postgresql.superuser.existingSecret }}
          items:
            - key: {{ .root.Values.postgresql.superuser.key }}
              path: role-postgres
      {{- end }}
{{- end -}}

{{/* Beside a server: has its certificate issued by our own authority, and keeps it and whom it trusts fresh. */}}
{{- define "mooring.certificatesSidecar" -}}
- name: certificates
  image: {{ include "mooring.image" (dict "root" .root "name" "tools") }}
  imagePullPolicy: {{ .root.Values.images.pullPolicy }}
  restartPolicy: Always
  args:
    - setup
    - --secrets=/secrets
    - certificates
    - --into=/tls
    - --names={{ include "mooring.serverNames" .root }}
    - --authority={{ include "mooring.insideUrl" (dict "root" .root "name" "certificate-authority") }}
    {{- if .root.Values.tls.certManager.enabled }}
    - --only-trust
    {{- end }}
  ports:
    - name: certificates
      containerPort: 7191
      protocol: TCP
  # What is started after it waits for this.
  startupProbe:
    httpGet:
      path: /q/health/ready
      port: certificates
    periodSeconds: 2
    timeoutSeconds: 2
    failureThreshold: 300
  livenessProbe:
    httpGet:
      path: /q/health/live
      port: certificates
    periodSeconds: 20
    timeoutSeconds: 5
    failureThreshold: 3
  readinessProbe:
    httpGet:
      path: /q/health/ready
      port: certificates
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 3
  securityContext:
    {{- include "mooring.containerSecurity" . | nindent 4 }}
  resources:
    {{- toYaml .root.Values.tls.sidecar.resources | nindent 4 }}
  volumeMounts:
    - name: certificates-secrets
      mountPath: /secrets
      readOnly: true
    - name: tls
      mountPath: /tls
    - name: tmp
      mountPath: /tmp
      subPath: certificates
{{- end -}}

{{- define "mooring.certificatesVolumes" -}}
{{ include "mooring.secretsVolume" (dict "root" .root "volume" "certificates-secrets" "names" (list "keystore-password" "token-launcher-to-certificates")) }}
- name: tls
  emptyDir:
    medium: Memory
    sizeLimit: 8Mi
{{- if .root.Values.tls.certManager.enabled }}
- name: server
  secret:
    secretName: {{ include "mooring.fullname" .root }}-server
{{- end }}
{{- end -}}

{{/* Where a server finds its own key and certificate. */}}
{{- define "mooring.keystore" -}}
{{- ternary "/server/keystore.p12" "/tls/server.p12" .Values.tls.certManager.enabled -}}
{{- end -}}

{{/* Where a client finds whom to trust. */}}
{{- define "mooring.authorityFile" -}}
{{- ternary "/server/ca.crt" "/tls/authority.pem" .Values.tls.certManager.enabled -}}
{{- end -}}

{{- define "mooring.tlsMounts" -}}
- name: tls
  mountPath: /tls
  readOnly: true
{{- if .Values.tls.certManager.enabled }}
- name: server
  mountPath: /server
  readOnly: true
{{- end }}
{{- end -}}

{{/* Tells a service what is secret, as compose does: (dict "root" $ "name" NAME). */}}
{{- define "mooring.configContainer" -}}
- name: config
  image: {{ include "mooring.image" (dict "root" .root "name" "tools") }}
  imagePullPolicy: {{ .root.Values.images.pullPolicy }}
  args: [setup, --secrets=/secrets, secrets, --into=/config, --of={{ .name }}]
  securityContext:
    {{- include "mooring.containerSecurity" . | nindent 4 }}
  resources:
    {{- toYaml .root.Values.tls.sidecar.resources | nindent 4 }}
  volumeMounts:
    - name: secrets
      mountPath: /secrets
      readOnly: true
    - name: config
      mountPath: /config
    - name: tmp
      mountPath: /tmp
      subPath: config
{{- end -}}

{{/* Probes of what answers as our services do: (dict "port" PORT). */}}
{{- define "mooring.probes" -}}
startupProbe:
  httpGet:
    path: /q/health/live
    port: {{ .port }}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 120
livenessProbe:
  httpGet:
    path: /q/health/live
    port: {{ .port }}
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet:
    path: /q/health/ready
    port: {{ .port }}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 3
{{- end -}}

{{/* Endpoints are told first: what still comes is still answered. */}}
{{- define "mooring.lifecycle" -}}
lifecycle:
  preStop:
    sleep:
      seconds: 5
{{- end -}}
